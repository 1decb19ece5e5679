import Delta
import FoundationEssentials
import Storage

/// Copies files of a table to names that nobody else chooses, by way of a local directory.
struct FileCopies: Sendable {
  let store: any FileStore
  let scratchDirectory: String

  private static let pieceBytes: Int64 = 4 << 20

  /// Copies files; gives the copies by the path of the original. A failure leaves none behind.
  func make(of files: [AddFile]) async throws -> [String: AddFile] {
    var copies: [String: AddFile] = [:]
    let name = UUID().uuidString.lowercased()
    do {
      for file in files { copies[file.path] = try await copy(file, to: "restored-\(name)-\(copies.count).parquet") }
    } catch {
      await store.discard(copies.values)
      throw error
    }
    return copies
  }

  private func copy(_ file: AddFile, to name: String) async throws -> AddFile {
    let path = try self.path(of: file)
    let target = StorePath.join(StorePath.parent(of: path), name)
    try await copy(path, to: target, in: store)
    var copy = file
    copy.path = PathText.encode(target)
    copy.modificationTime = WallClock.milliseconds()
    return copy
  }

  /// Copies a file to the same place in another store.
  func copy(_ file: AddFile, into other: any FileStore) async throws {
    let path = try self.path(of: file)
    try await copy(path, to: path, in: other)
  }

  private func path(of file: AddFile) throws(MaintenanceError) -> String {
    if let path = PathText.decode(file.path) { return path }
    throw MaintenanceError(.file, "\(store.root): the log names a file outside the table")
  }

  private func copy(_ path: String, to target: String, in other: any FileStore) async throws {
    let source = try await store.open(path)
    let scratch = try ScratchFile(in: scratchDirectory)
    var start: Int64 = 0
    while start < source.size {
      try Task.checkCancellation()
      let end = min(source.size, start + Self.pieceBytes)
      try scratch.append(try await source.read(start..<end))
      start = end
    }
    guard try await other.create(target, scratch) == .created else {
      throw StorageError(.alreadyExists, path: target, message: "another file stands there")
    }
  }
}

extension FileStore {
  /// Removes files that came into no version; what cannot be removed is left to a vacuum.
  func discard(_ files: some Sequence<AddFile>) async {
    for file in files {
      if let path = PathText.decode(file.path) { try? await delete(path) }
    }
  }
}

extension DeltaError {
  /// Whether a commit that ended so is certainly in no version, so that its files may go.
  var isSurelyNotCommitted: Bool {
    switch code {
    case .conflict, .contention, .forbidden, .notSupported: true
    default: false
    }
  }
}
