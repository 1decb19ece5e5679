import CommandSupport
import Glibc
import Storage
import Synchronization
import WebHDFS

/// One file on its way from HDFS: written under a temporary name, compared with HDFS's checksum, then given its name.
struct Download: Sendable {
  let source: RemotePath
  let path: String
  let overwrite: Bool
  let resumes: Bool
  let syncs: Bool
  let bar: ProgressBar

  func run() async throws {
    let status = try await source.client.status(source.path)
    if status.isDirectory { throw CommandError("\(source.description): a directory, not a file") }
    let layout = try await source.client.writeState(source.path)
    if resumes, try await isThere(status, layout) { return }
    let file = try DownloadFile(path: path, overwrite: overwrite, isKept: resumes, length: status.length)
    let sink = FileSink(file, blocks: layout.blockLengths, blockSize: status.blockSize, bar: bar)
    let begun = try sink.takeIn(upTo: status.length)
    try await source.client.read(source.path, offset: begun, length: status.length - begun, into: sink)
    guard try await isVerified(sink.checksum(), status) else {
      file.forget()
      throw CommandError(
        "\(source.description): what arrived differs from what HDFS stores; try again", exit: .dataError)
    }
    try file.publish(syncs: syncs)
  }

  /// Whether the local file is there and holds the same.
  private func isThere(_ status: HDFSFileStatus, _ layout: HDFSWriteState) async throws -> Bool {
    guard let file = try? FileUpload(path: path), file.byteCount == status.length else { return false }
    var builder = HDFSChecksumBuilder(blockLengths: layout.blockLengths, blockSize: status.blockSize)
    guard builder.update(from: file) else { return false }
    return try await isVerified(builder.finish(), status)
  }

  /// HDFS's checksums of encrypted and erasure-coded files are of other bytes; there the length has to do.
  private func isVerified(_ checksum: HDFSChecksum, _ status: HDFSFileStatus) async throws -> Bool {
    if status.isEncrypted || status.isErasureCoded { return true }
    let stored = try await source.client.checksum(source.path)
    guard let size = stored.bytesPerCRC, size == 0 || size == 512 else { return true }
    return stored == checksum
  }
}

/// Writes what comes to a file and keeps its checksum.
private final class FileSink: DownloadSink {
  private let file: DownloadFile
  private let builder: Mutex<HDFSChecksumBuilder>
  private let bar: ProgressBar

  init(_ file: DownloadFile, blocks: [Int64], blockSize: Int64, bar: ProgressBar) {
    self.file = file
    self.bar = bar
    builder = Mutex(HDFSChecksumBuilder(blockLengths: blocks, blockSize: blockSize))
  }

  /// Takes in what an earlier download left; gives its length.
  func takeIn(upTo length: Int64) throws -> Int64 {
    guard let begun = file.begun, begun.byteCount > 0, begun.byteCount <= length else { return 0 }
    guard builder.withLock({ $0.update(from: begun) }) else {
      throw CommandError("\(file.path): what an earlier download left cannot be read")
    }
    return begun.byteCount
  }

  func take(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard unsafe file.write(bytes) else { return false }
    builder.withLock { unsafe $0.update(bytes) }
    bar.add(Int64(bytes.count))
    return true
  }

  func checksum() -> HDFSChecksum { builder.withLock { $0.finish() } }
}

/// A local file that gets its name only when it is complete.
final class DownloadFile: Sendable {
  let path: String
  /// What an earlier download left.
  let begun: FileUpload?
  private let temporary: String
  private let overwrite: Bool
  private let isKept: Bool
  private let descriptor: Int32
  private let isDone = Atomic(false)

  /// - Parameter isKept: Whether a part is kept for a later run, and one of an earlier run gone on with.
  init(path: String, overwrite: Bool, isKept: Bool, length: Int64) throws {
    self.path = path
    self.overwrite = overwrite
    self.isKept = isKept
    let slash = path.lastIndex(of: "/")
    let directory = slash.map { String(path[...$0]) } ?? ""
    let name = String(slash.map { path[path.index(after: $0)...] } ?? path[...])
    temporary = isKept ? "\(directory).\(name).part" : "\(directory).\(name).\(getpid()).part"
    var information = stat()
    if !overwrite, unsafe lstat(path, &information) == 0 {
      throw CommandError("\(path): the file exists; replace it with --force")
    }
    descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_CLOEXEC | (isKept ? O_APPEND : O_EXCL), 0o666)
    guard descriptor >= 0 else { throw LocalPath.failure(temporary, "cannot create") }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      throw CommandError("\(path): another process downloads this file", exit: .partlyDone)
    }
    let part = isKept ? try FileUpload(path: temporary) : nil
    if let part, part.byteCount > length {
      // Another file of this name: from the beginning.
      _ = ftruncate(descriptor, 0)
      begun = nil
    } else {
      begun = part
    }
  }

  deinit {
    close(descriptor)
    // After publishing there is nothing of this name.
    if !isKept || isDone.load(ordering: .acquiring) { _ = unsafe unlink(temporary) }
  }

  func write(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var rest = unsafe bytes[...]
    while unsafe !rest.isEmpty {
      let count = unsafe Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return false }
      unsafe rest = unsafe rest.dropFirst(count)
    }
    return true
  }

  /// What has arrived is of no use.
  func forget() { isDone.store(true, ordering: .releasing) }

  func publish(syncs: Bool) throws {
    guard !syncs || fsync(descriptor) == 0 else { throw LocalPath.failure(temporary, "cannot sync") }
    defer { isDone.store(true, ordering: .releasing) }
    if overwrite {
      guard unsafe rename(temporary, path) == 0 else { throw LocalPath.failure(path, "cannot rename") }
      return
    }
    guard unsafe link(temporary, path) == 0 else {
      if errno == EEXIST { throw CommandError("\(path): the file exists; replace it with --force") }
      throw LocalPath.failure(path, "cannot link")
    }
  }
}
