import Delta
import Storage

/// A finished file that looks for its place in a store.
struct UploadItem: Sendable {
  /// The bytes, had only when it is this file's turn, so that a long list needs no memory.
  let content: @Sendable () async throws(LandingError) -> [UInt8]
  /// The place relative to the table; each attempt names another one.
  let path: @Sendable (_ attempt: Int) -> String
  /// The action that brings the file into the table, but for its path.
  let add: AddFile
}

/// Brings finished files to their places in a store.
enum Upload {
  /// How many files are under way at a time: HDFS answers each slowly and many together well.
  static let width = 8
  /// How many foreign files of our name we step aside from.
  static let attempts = 16

  /// Uploads all files; the answer is in their order.
  ///
  /// - Parameters:
  ///   - width: How many are under way at a time.
  ///   - done: Told of each file when it is there.
  static func all(
    _ items: [UploadItem], to store: any FileStore, width: Int = Upload.width,
    done: @escaping @Sendable (AddFile) -> Void = { _ in }
  ) async throws(LandingError) -> [AddFile] {
    do {
      return try await withThrowingTaskGroup(of: (Int, AddFile).self) { group in
        var added = [AddFile?](repeating: nil, count: items.count)
        for (index, item) in items.enumerated() {
          if index >= width, let (place, add) = try await group.next() { added[place] = add }
          group.addTask {
            let add = try await one(item, to: store)
            done(add)
            return (index, add)
          }
        }
        for try await (place, add) in group { added[place] = add }
        return added.compactMap { $0 }
      }
    } catch let error as LandingError {
      throw error
    } catch let error as StorageError {
      throw LandingError(DeltaError(error))
    } catch {
      throw LandingError(.gaveUp, "\(store.root): the upload was cancelled", isRetriable: true)
    }
  }

  /// Uploads one file. A file of its name that holds the same bytes is the same file, left by an attempt that never
  /// came to its commit; another one is foreign and keeps its name.
  private static func one(_ item: UploadItem, to store: any FileStore) async throws -> AddFile {
    let bytes = try await item.content()
    for attempt in 0..<attempts {
      let path = item.path(attempt)
      let outcome = try await store.create(path, bytes)
      let isOurs = if outcome == .created { true } else { try await holds(store, path, bytes) }
      guard isOurs else { continue }
      var add = item.add
      add.path = PathText.encode(path)
      add.size = Int64(bytes.count)
      return add
    }
    throw StorageError(.failed, path: item.path(0), message: "\(attempts) foreign files stand at this name")
  }

  private static func holds(_ store: any FileStore, _ path: String, _ bytes: [UInt8]) async throws(StorageError) -> Bool
  {
    guard let status = try await store.status(path), status.size == Int64(bytes.count) else { return false }
    return try await store.read(path, limit: bytes.count) == bytes
  }
}
