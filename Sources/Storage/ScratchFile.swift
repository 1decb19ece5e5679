import Glibc
import Synchronization

/// A nameless local file for what does not fit into memory: written from front to back, read anywhere, gone with the
/// value, or with the process however it ends.
public final class ScratchFile: RandomAccess {
  public let name: String
  private let descriptor: Int32
  private let length = Atomic<Int64>(0)

  /// `O_TMPFILE`, a macro that Swift does not see: a file without a name in the directory that is opened.
  private static let nameless = 0o20_000_000 | O_DIRECTORY

  /// Makes an empty file that its owner alone can read.
  ///
  /// - Parameter directory: where the disk has room.
  public init(in directory: String) throws(StorageError) {
    name = "a scratch file in \(directory)"
    var opened = unsafe open(directory, O_RDWR | Self.nameless | O_CLOEXEC, 0o600)
    if opened < 0, errno == EOPNOTSUPP || errno == EISDIR {
      // A file system without nameless files: the name goes before the first byte comes.
      let path = "\(directory)/.scratch-\(TemporaryFile.uniqueName())"
      opened = unsafe open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
      if opened >= 0 { _ = unsafe unlink(path) }
    }
    guard opened >= 0 else { throw StorageError.posix(errno, path: directory, doing: "make a scratch file") }
    descriptor = opened
  }

  deinit { close(descriptor) }

  /// Bytes written so far.
  public var size: Int64 { length.load(ordering: .acquiring) }

  /// Adds bytes at the end; for one writer at a time.
  public func append(_ bytes: [UInt8]) throws(StorageError) {
    var written = 0
    let start = size
    while written < bytes.count {
      let count = unsafe bytes.withUnsafeBytes { (source) in
        unsafe pwrite(
          descriptor, source.baseAddress.map { unsafe $0 + written }, bytes.count - written, off_t(start) + written)
      }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw StorageError.posix(errno, path: name, doing: "write") }
      written += count
    }
    length.store(start + Int64(bytes.count), ordering: .releasing)
  }

  public func read(_ range: Range<Int64>) async throws(StorageError) -> [UInt8] {
    guard range.lowerBound >= 0, range.upperBound <= size else {
      throw StorageError(.truncated, path: name, message: "the range \(range) lies outside \(size) bytes")
    }
    var failure: StorageError?
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: range.count) { (buffer, filled) in
      filled = 0
      while filled < range.count {
        let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[filled...])
        let count = unsafe copyBytes(from: range.lowerBound + Int64(filled), into: rest)
        guard count > 0 else {
          failure = StorageError(.failed, path: name, message: "cannot read back what was written")
          return
        }
        filled += count
      }
    }
    if let failure { throw failure }
    return bytes
  }

  /// Copies bytes from `offset` on into a buffer.
  ///
  /// - Returns: how many, at least 1 unless `offset` is the end or the buffer is empty; negative when reading fails.
  public func copyBytes(from offset: Int64, into buffer: UnsafeMutableRawBufferPointer) -> Int {
    let wanted = Int(min(Int64(buffer.count), size - offset))
    guard offset >= 0, wanted > 0 else { return 0 }
    while true {
      let count = unsafe pread(descriptor, buffer.baseAddress, wanted, off_t(offset))
      if count < 0 && errno == EINTR { continue }
      return count == 0 ? -1 : count
    }
  }
}
