import Glibc

/// An open local file, read by `pread`, so that concurrent reads share one descriptor.
public final class LocalFile: RandomAccess {
  public let name: String
  public let size: Int64
  private let descriptor: Int32

  /// Opens a regular file; its length is taken now and does not change for the life of the value.
  ///
  /// - Throws: ``StorageError`` with code `notFound`, `wrongKind`, `permissionDenied` or `failed`.
  public init(path: String) throws(StorageError) {
    name = path
    descriptor = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw StorageError.posix(errno, path: path, doing: "open") }
    var information = stat()
    guard unsafe fstat(descriptor, &information) == 0 else {
      let code = errno
      close(descriptor)
      throw StorageError.posix(code, path: path, doing: "stat")
    }
    guard information.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw StorageError(.wrongKind, path: path, message: "not a regular file")
    }
    size = Int64(information.st_size)
  }

  deinit { close(descriptor) }

  public func read(_ range: Range<Int64>) async throws(StorageError) -> [UInt8] {
    guard range.lowerBound >= 0, range.upperBound <= size else {
      throw StorageError(.truncated, path: name, message: "the range \(range) lies outside \(size) bytes")
    }
    return try readNow(range)
  }

  /// Reads a range that lies inside the size taken at opening.
  func readNow(_ range: Range<Int64>) throws(StorageError) -> [UInt8] {
    let wanted = Int(range.upperBound - range.lowerBound)
    var failure: StorageError?
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: wanted) { (buffer, filled) in
      filled = 0
      while filled < wanted {
        let count = unsafe pread(
          descriptor, buffer.baseAddress.map { unsafe $0 + filled }, wanted - filled, off_t(range.lowerBound) + filled)
        if count < 0 && errno == EINTR { continue }
        if count <= 0 {
          failure =
            count < 0
            ? StorageError.posix(errno, path: name, doing: "read")
            : StorageError(.truncated, path: name, message: "the file became shorter than \(size) bytes")
          return
        }
        filled += count
      }
    }
    if let failure { throw failure }
    return bytes
  }
}

extension StorageError {
  /// The meaning of an `errno` value.
  static func posix(_ code: Int32, path: String, doing: String) -> StorageError {
    let kind: Code =
      switch code {
      case ENOENT: .notFound
      case EEXIST: .alreadyExists
      case ENOTDIR, EISDIR, ENOTEMPTY: .wrongKind
      case EACCES, EPERM, EROFS: .permissionDenied
      case ENOSPC, EDQUOT, EFBIG: .outOfSpace
      case ENAMETOOLONG, EINVAL, ELOOP, EILSEQ: .invalidPath
      case EMFILE, ENFILE, ENOMEM, EAGAIN, EBUSY: .unavailable
      default: .failed
      }
    let reason = unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
    return StorageError(kind, path: StorePath.printable(path), message: "cannot \(doing): \(reason)")
  }
}
