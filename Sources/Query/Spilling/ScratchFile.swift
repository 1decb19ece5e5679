internal import Storage

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#endif

/// Bytes that are laid aside on disk for as long as somebody refers to them.
///
/// The file loses its name as soon as it is made: nobody else can open it, and however the process ends, nothing stays
/// behind.
final class ScratchFile: Sendable {
  private let descriptor: Int32

  /// Makes a file that only its maker can read, in a directory that is there.
  init(in directory: String) throws(QueryError) {
    let bits = (UInt64.random(in: .min ... .max), UInt64.random(in: .min ... .max))
    let path = "\(directory)/.query-\(String(bits.0, radix: 16))\(String(bits.1, radix: 16)).tmp"
    descriptor = unsafe open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw Self.failure("make a file in \(directory)") }
    guard unsafe unlink(path) == 0 else { throw Self.failure("unlink a file in \(directory)") }
  }

  deinit { close(descriptor) }

  /// Writes bytes at a place.
  func write(_ bytes: [UInt8], at offset: Int64) throws(QueryError) {
    var written = 0
    while written < bytes.count {
      let count = unsafe bytes.withUnsafeBytes { buffer in
        unsafe pwrite(
          descriptor, buffer.baseAddress.map { unsafe $0 + written }, bytes.count - written,
          off_t(offset) + off_t(written))
      }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw Self.failure("write to it") }
      written += count
    }
  }

  /// The bytes of a range.
  fileprivate func read(_ range: Range<Int64>) throws(StorageError) -> [UInt8] {
    var failed = false
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: range.count) { (buffer, filled) in
      filled = 0
      while filled < range.count {
        let count = unsafe pread(
          descriptor, buffer.baseAddress.map { unsafe $0 + filled }, range.count - filled,
          off_t(range.lowerBound) + off_t(filled))
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else {
          failed = true
          return
        }
        filled += count
      }
    }
    if failed { throw StorageError(.failed, path: "temporary file", message: "cannot read what was laid aside") }
    return bytes
  }

  private static func failure(_ doing: String) -> QueryError {
    let reason = unsafe strerror(errno).map { unsafe String(cString: $0) } ?? "unknown error"
    return QueryError(.limit, "rows must be laid aside on disk, but it cannot \(doing): \(reason) – set TMPDIR")
  }
}

/// The bytes of a scratch file that is written to its end.
struct ScratchSource: RandomAccess {
  let file: ScratchFile
  let size: Int64
  var name: String { "temporary file" }

  func read(_ range: Range<Int64>) async throws(StorageError) -> [UInt8] {
    guard range.lowerBound >= 0, range.upperBound <= size else {
      throw StorageError(.truncated, path: name, message: "the range \(range) lies outside \(size) bytes")
    }
    return try file.read(range)
  }
}
