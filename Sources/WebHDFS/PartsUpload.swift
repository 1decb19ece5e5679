public import Storage

/// One big file on its way in parts; ``PartsPlan`` has the picture.
struct PartsUpload: Sendable {
  let client: WebHDFSClient
  let file: FileUpload
  let plan: PartsPlan
  /// What publishes the joined file, and what it would be sent with at once.
  let whole: SafeUpload
  /// The directory of all versions' parts.
  let home: String
  /// How many parts are under way at a time.
  let width: Int
  /// Told of bytes that HDFS has, with those of an earlier attempt.
  let progress: @Sendable (Int64) -> Void

  /// Stands for a file that this cluster does not join: its parts are of no use.
  struct NotJoined: Error {}

  private var directory: String { "\(home)/\(file.version)" }
  private var first: String { path(0) }
  private func path(_ part: Int) -> String { "\(directory)/\(PartsPlan.name(part))" }

  /// Sends what is missing, joins, checks and publishes. After a failure the parts stay for the next attempt, unless
  /// they are wrong.
  func run() async throws -> CreateOutcome {
    // The parent first, which would get the permission of the parts' directory: nobody else needs to see parts.
    try await client.makeParent(of: whole.target)
    try await client.makeDirectories(directory, permission: 0o700)
    var left = plan.left(try await client.list(directory).map { ($0.name, $0.length) })
    for name in left.useless { try await client.delete("\(directory)/\(name)") }
    var builders = [HDFSChecksumBuilder?](repeating: nil, count: plan.count)
    if left.joined > 0 {
      if let known = try await builder(of: first, 0..<plan.length(joined: left.joined)) {
        builders[0] = known
        progress(plan.length(joined: left.joined))
      } else {
        left.joined = 0
      }
    }
    if left.joined == 0 {
      builders[0] = try await part(0, isThere: false)
      // CONCAT refuses such files, and their checksums are of other bytes.
      let status = try await client.status(first)
      if status.isEncrypted || status.isErasureCoded { throw NotJoined() }
    }
    try await sendRest(left, &builders)
    try await join(max(left.joined, 1))
    let joined = try await check(builders.compactMap { $0 })
    // An earlier attempt may have been told of another one.
    try await client.setPermission(first, whole.filePermission)
    guard file.isUnchanged else {
      throw StorageError(.failed, path: whole.target, message: "the local file changed while it was sent; try again")
    }
    let outcome = try await whole.publish(joined) { (_) throws(StorageError) in
      try await client.makeParent(of: whole.target)
    }
    _ = try? await client.delete(home, recursive: true)
    return outcome
  }

  // MARK: - Parts

  private func sendRest(_ left: PartsPlan.Left, _ builders: inout [HDFSChecksumBuilder?]) async throws {
    let missing = max(left.joined, 1)..<plan.count
    try await withThrowingTaskGroup(of: (Int, HDFSChecksumBuilder).self) { (group) in
      for (number, index) in missing.enumerated() {
        if number >= width, let (done, builder) = try await group.next() { builders[done] = builder }
        group.addTask { (index, try await part(index, isThere: left.parts.contains(index))) }
      }
      for try await (done, builder) in group { builders[done] = builder }
    }
  }

  /// Makes sure that a part is there and right.
  private func part(_ index: Int, isThere: Bool) async throws -> HDFSChecksumBuilder {
    let range = plan.range(index)
    if isThere, let builder = try await builder(of: path(index), range) {
      progress(Int64(range.count))
      return builder
    }
    let upload = SafeUpload(
      client: client, content: WatchedPart(UploadPart(file, range), progress), temporaryPrefix: "\(directory)/.",
      target: path(index), filePermission: whole.filePermission, overwrite: true)
    let staged = try await upload.stage()
    _ = try await upload.settle(staged) { (_) throws(StorageError) in }
    if let builder = staged.builder { return builder }
    return try await localBuilder(range)
  }

  /// The builder over a range of the local file, if a file on HDFS holds the same; otherwise that one is removed.
  private func builder(of path: String, _ range: Range<Int64>) async throws -> HDFSChecksumBuilder? {
    let builder = try await localBuilder(range)
    do throws(WebHDFSError) {
      let status = try await client.status(path)
      try await UploadComparison(client: client, path: path, content: UploadPart(file, range))
        .run(status, asked: plan.partLength) { HDFSChecksumBuilder.joined([builder]) }
      return builder
    } catch {
      guard error.kind == .checksumMismatch else { throw error }
      try await client.delete(path)
      return nil
    }
  }

  @concurrent
  private func localBuilder(_ range: Range<Int64>) async throws -> HDFSChecksumBuilder {
    var builder = HDFSChecksumBuilder(blockSize: plan.partLength)
    guard builder.update(from: UploadPart(file, range)) else {
      throw StorageError(.failed, path: whole.target, message: "the local file cannot be read")
    }
    return builder
  }

  // MARK: - The whole

  /// Joins all parts into the first one; asks what became of it where an answer was lost.
  private func join(_ joined: Int) async throws {
    for batch in plan.batches(joined: joined, directoryBytes: directory.utf8.count) {
      var attempt = 0
      while true {
        attempt += 1
        do throws(WebHDFSError) {
          try await client.concatenate(first, appending: batch.map(path))
          break
        } catch {
          let length = try await client.status(first).length
          if length == plan.length(joined: batch.upperBound) { break }
          guard attempt < 3, error.kind.isTransient, length == plan.length(joined: batch.lowerBound) else {
            throw error
          }
        }
      }
    }
  }

  /// The joined file, once it is known to hold exactly what the local one holds.
  private func check(_ builders: [HDFSChecksumBuilder]) async throws -> SafeUpload.Staged {
    let status = try await whole.settled(first, length: plan.length)
    let stored = try await client.checksum(first)
    if stored != HDFSChecksumBuilder.joined(builders) {
      // A server may cut otherwise than it was asked to.
      let state = try await client.writeState(first)
      let known = try await localChecksum(state.blockLengths, status.blockSize, stored.bytesPerCRC ?? 512)
      guard stored == known else {
        _ = try? await client.delete(directory, recursive: true)
        throw UploadComparison.mismatch(first, stored, known)
      }
    }
    return SafeUpload.Staged(path: first, fileID: status.fileID)
  }

  @concurrent
  private func localChecksum(_ blocks: [Int64], _ size: Int64, _ bytesPerCRC: Int) async throws -> HDFSChecksum {
    var builder = HDFSChecksumBuilder(blockLengths: blocks, blockSize: size, bytesPerCRC: bytesPerCRC)
    guard builder.update(from: file) else {
      throw StorageError(.failed, path: whole.target, message: "the local file cannot be read")
    }
    return builder.finish()
  }
}

/// Content that tells how it goes.
private struct WatchedPart: UploadSource {
  let source: UploadPart
  let progress: @Sendable (Int64) -> Void

  init(_ source: UploadPart, _ progress: @escaping @Sendable (Int64) -> Void) {
    self.source = source
    self.progress = progress
  }

  var byteCount: Int64 { source.byteCount }

  func copyBytes(from offset: Int64, into buffer: UnsafeMutableRawBufferPointer) -> Int {
    let count = source.copyBytes(from: offset, into: buffer)
    if count > 0 { progress(Int64(count)) }
    return count
  }
}

extension WebHDFSClient {
  /// Puts a local file at an absolute path as ``upload(_:to:permission:overwrite:)`` does, so that a later call for
  /// the same file goes on where this one was interrupted.
  ///
  /// A file of more than 128 MiB goes in parts to a hidden directory beside its target, several at a time; each is
  /// checked, and CONCAT joins them. They are found again as long as the local file's length, inode and time of change
  /// stay the same, and are compared with it before they are used. Smaller files, and those of places that do not join
  /// files (encryption zones, erasure coding), are sent at once.
  ///
  /// - Parameters:
  ///   - permission: Unix permission bits of the file.
  ///   - overwrite: Whether a file that holds the name is replaced, in one atomic step.
  ///   - width: How many parts are under way at a time.
  ///   - progress: Told of bytes as they are sent or found on HDFS.
  /// - Returns: `created` also where the target held this content already.
  /// - Throws: ``StorageError`` and ``WebHDFSError``; after `outcomeUnknown` alone the file may be there or not.
  public func upload(
    resuming file: FileUpload, to path: String, permission: Int = 0o644, overwrite: Bool = false, width: Int = 4,
    progress: @escaping @Sendable (Int64) -> Void = { _ in }
  ) async throws -> CreateOutcome {
    try await upload(
      resuming: file, to: path, permission, overwrite, width, PartsPlan(length: file.byteCount), progress)
  }

  func upload(
    resuming file: FileUpload, to path: String, _ permission: Int, _ overwrite: Bool, _ width: Int, _ plan: PartsPlan,
    _ progress: @escaping @Sendable (Int64) -> Void
  ) async throws -> CreateOutcome {
    let target = try HDFSPath(path, for: .create)
    let name = target.text.split(separator: "/").last ?? ""
    let parent = target.parent
    let home = "\(parent == "/" ? "" : parent)/\(PartsPlan.directoryName(of: String(name)))"
    let store = WebHDFSFileStore(client: self, root: "/")
    if try await store.holds(String(target.text.dropFirst()), file) == true {
      if plan.count > 1 { _ = try? await delete(home, recursive: true) }
      progress(file.byteCount)
      return .created
    }
    let content = WatchedPart(UploadPart(file, 0..<file.byteCount), progress)
    guard let whole = try await safeUpload(content, to: path, permission, overwrite) else { return .alreadyExists }
    guard plan.count > 1 else {
      return try await upload(content, to: path, permission: permission, overwrite: overwrite)
    }
    do {
      return try await PartsUpload(
        client: self, file: file, plan: plan, whole: whole, home: home, width: max(width, 1), progress: progress
      ).run()
    } catch is PartsUpload.NotJoined {
      _ = try? await delete(home, recursive: true)
      return try await upload(content, to: path, permission: permission, overwrite: overwrite)
    }
  }
}
