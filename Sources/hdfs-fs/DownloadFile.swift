import CommandSupport
import Glibc
import Storage
import Synchronization
import WebHDFS

/// A local file that gets its name only when it is complete. Until then its content stands under a hidden name beside
/// it, with notes of what has arrived behind it where it is kept for a later run.
final class DownloadFile: Sendable {
  let path: String
  let plan: DownloadPlan
  /// How many bytes of each piece an earlier run has left.
  let arrived: [Int64]
  private let temporary: String
  private let overwrite: Bool
  private let isKept: Bool
  private let descriptor: Int32
  private let isDone = Atomic(false)

  /// - Parameter isKept: Whether a part is kept for a later run, and one of an earlier run gone on with.
  init(path: String, _ plan: DownloadPlan, overwrite: Bool, isKept: Bool) throws {
    self.path = path
    self.plan = plan
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
    descriptor = unsafe open(temporary, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | (isKept ? 0 : O_EXCL), 0o666)
    guard descriptor >= 0 else { throw LocalPath.failure(temporary, "cannot create") }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      throw CommandError("\(path): another process downloads this file", exit: .partlyDone)
    }
    let earlier = isKept ? Self.notes(descriptor, plan) : nil
    if isKept && earlier == nil {
      guard ftruncate(descriptor, 0) == 0, unsafe Self.write(descriptor, plan.firstNotes.span.bytes, at: plan.length)
      else {
        close(descriptor)
        throw LocalPath.failure(temporary, "cannot write")
      }
    }
    arrived = earlier ?? plan.pieces.map { _ in 0 }
  }

  deinit {
    close(descriptor)
    // After publishing there is nothing of this name.
    if !isKept || isDone.load(ordering: .acquiring) { _ = unsafe unlink(temporary) }
  }

  /// What an earlier run noted; `nil` where it was of another source, or there was none.
  private static func notes(_ descriptor: Int32, _ plan: DownloadPlan) -> [Int64]? {
    var information = stat()
    guard unsafe fstat(descriptor, &information) == 0, Int64(information.st_size) == plan.length + Int64(plan.noteBytes)
    else { return nil }
    var notes = [UInt8](repeating: 0, count: plan.noteBytes)
    let count = unsafe pread(descriptor, &notes, notes.count, off_t(plan.length))
    return count == notes.count ? plan.arrived(notes) : nil
  }

  /// The content as far as it has arrived, to be read again.
  func content() throws -> FileUpload { try FileUpload(path: "/proc/self/fd/\(descriptor)") }

  /// Writes content.
  func write(_ bytes: RawSpan, at position: Int64) -> Bool { Self.write(descriptor, bytes, at: position) }

  /// Notes how much of a piece has arrived.
  func note(_ piece: Int, arrived: Int64) -> Bool {
    guard isKept else { return true }
    return unsafe Self.write(descriptor, plan.note(arrived: arrived).span.bytes, at: plan.notePosition(piece))
  }

  private static func write(_ descriptor: Int32, _ bytes: RawSpan, at position: Int64) -> Bool {
    unsafe bytes.withUnsafeBytes { (bytes) in
      var done = 0
      while done < bytes.count {
        let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[done...])
        let count = unsafe pwrite(descriptor, rest.baseAddress, rest.count, off_t(position) + off_t(done))
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else { return false }
        done += count
      }
      return true
    }
  }

  /// What has arrived is of no use.
  func forget() { isDone.store(true, ordering: .releasing) }

  /// Gives the file its name.
  func publish(syncs: Bool) throws {
    guard ftruncate(descriptor, off_t(plan.length)) == 0 else { throw LocalPath.failure(temporary, "cannot write") }
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
