import Glibc

/// A local file on its way to its final name, locked while its writer lives.
struct TemporaryFile: ~Copyable {
  let path: String
  private let descriptor: Int32

  /// Makes the file, which must not exist, and locks it.
  init(path: String, mode: mode_t) throws(StorageError) {
    self.path = path
    descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw StorageError.posix(errno, path: path, doing: "create") }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let code = errno
      close(descriptor)
      throw StorageError.posix(code, path: path, doing: "lock")
    }
  }

  deinit { close(descriptor) }

  /// Writes everything and syncs it to disk.
  func write(_ content: [UInt8]) throws(StorageError) {
    try append(content)
    try sync()
  }

  /// Writes all of a scratch file, a piece at a time, and syncs it to disk.
  func write(_ content: ScratchFile) throws(StorageError) {
    let size = content.size
    var copied: Int64 = 0
    while copied < size {
      var count = 0
      let piece = unsafe [UInt8](unsafeUninitializedCapacity: Int(min(Self.pieceBytes, size - copied))) {
        (buffer, filled) in
        count = unsafe content.copyBytes(from: copied, into: UnsafeMutableRawBufferPointer(buffer))
        filled = max(0, count)
      }
      guard count > 0 else { throw StorageError(.failed, path: content.name, message: "cannot be read back") }
      try append(piece)
      copied += Int64(count)
    }
    try sync()
  }

  private static let pieceBytes: Int64 = 4 << 20

  private func append(_ content: [UInt8]) throws(StorageError) {
    var written = 0
    while written < content.count {
      if written > 0 { FaultPoint.reach("local.half-written") }
      // In two parts where faults are planned, so that there is a middle.
      let part = FaultPoint.isArmed && written == 0 ? max(1, content.count / 2) : content.count - written
      let count = unsafe content.withUnsafeBytes { (bytes) in
        unsafe Glibc.write(descriptor, bytes.baseAddress.map { unsafe $0 + written }, part)
      }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw StorageError.posix(errno, path: path, doing: "write") }
      written += count
    }
  }

  private func sync() throws(StorageError) {
    guard fsync(descriptor) == 0 else { throw StorageError.posix(errno, path: path, doing: "sync") }
  }

  /// Removes the temporary name; the content lives on under the name it was linked to, if any.
  func discard() {
    _ = unsafe unlink(path)
  }

  /// A name that no other writer chooses.
  static func uniqueName() -> String {
    let bits = (UInt64.random(in: .min ... .max), UInt64.random(in: .min ... .max))
    return "\(String(bits.0, radix: 16))-\(String(bits.1, radix: 16)).tmp"
  }

  /// Removes a temporary file that no living process holds locked.
  static func removeIfAbandoned(_ path: String) -> Bool {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { return false }
    return unsafe unlink(path) == 0
  }
}
