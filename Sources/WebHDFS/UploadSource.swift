import Glibc
public import Storage

/// The content of a file on its way to HDFS: bytes of known length that can be read more than once.
public protocol UploadSource: Sendable {
  /// The length in bytes.
  var byteCount: Int64 { get }
  /// Copies bytes from `offset` on into a buffer.
  ///
  /// - Returns: How many bytes were copied, at least 1 unless `offset` is the end or the buffer is empty; negative
  ///   when the source cannot be read.
  func copyBytes(from offset: Int64, into buffer: UnsafeMutableRawBufferPointer) -> Int
}

/// Bytes in memory as an ``UploadSource``.
public struct BytesUpload: UploadSource {
  /// The bytes.
  public let bytes: [UInt8]

  /// Wraps bytes without copying them.
  public init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  public var byteCount: Int64 { Int64(bytes.count) }

  public func copyBytes(from offset: Int64, into buffer: UnsafeMutableRawBufferPointer) -> Int {
    let start = Int(offset)
    guard start >= 0, start < bytes.count else { return 0 }
    let count = min(buffer.count, bytes.count - start)
    bytes.withUnsafeBytes { buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[start..<start + count])) }
    return count
  }
}

/// A local file as an ``UploadSource``, read while it is sent; it must not change meanwhile.
public final class FileUpload: UploadSource {
  public let byteCount: Int64
  /// The file's version: its length, the time of its last change and its inode, as `LENGTH-NANOSECONDS-INODE`.
  public let version: String
  private let descriptor: Int32

  /// Opens a regular file.
  public init(path: String) throws(StorageError) {
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    var information = stat()
    guard descriptor >= 0, fstat(descriptor, &information) == 0 else {
      let reason = String(cString: strerror(errno))
      if descriptor >= 0 { close(descriptor) }
      throw StorageError(errno == ENOENT ? .notFound : .failed, path: path, message: "cannot open: \(reason)")
    }
    guard information.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw StorageError(.wrongKind, path: path, message: "not a regular file")
    }
    byteCount = Int64(information.st_size)
    version = Self.version(information)
  }

  /// Whether the file is still as it was when it was opened.
  public var isUnchanged: Bool {
    var information = stat()
    return fstat(descriptor, &information) == 0 && Self.version(information) == version
  }

  private static func version(_ information: stat) -> String {
    let changed = Int(information.st_mtim.tv_sec) &* 1_000_000_000 &+ Int(information.st_mtim.tv_nsec)
    return "\(information.st_size)-\(changed)-\(information.st_ino)"
  }

  deinit { close(descriptor) }

  public func copyBytes(from offset: Int64, into buffer: UnsafeMutableRawBufferPointer) -> Int {
    let wanted = Int(min(Int64(buffer.count), byteCount - offset))
    guard wanted > 0 else { return 0 }
    while true {
      let count = pread(descriptor, buffer.baseAddress, wanted, off_t(offset))
      if count < 0 && errno == EINTR { continue }
      // The end of the file before the length taken at opening: somebody cut it.
      return count == 0 ? -1 : count
    }
  }
}

/// A range of other content as an ``UploadSource``.
public struct UploadPart: UploadSource {
  private let source: any UploadSource
  private let range: Range<Int64>

  /// - Parameter range: Bytes that the source has.
  public init(_ source: any UploadSource, _ range: Range<Int64>) {
    self.source = source
    self.range = range
  }

  public var byteCount: Int64 { Int64(range.count) }

  public func copyBytes(from offset: Int64, into buffer: UnsafeMutableRawBufferPointer) -> Int {
    let room = Int(min(Int64(buffer.count), byteCount - offset))
    guard offset >= 0, room > 0 else { return 0 }
    return source.copyBytes(
      from: range.lowerBound + offset, into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<room]))
  }
}

/// A scratch file as an ``UploadSource``.
public struct ScratchUpload: UploadSource {
  let file: ScratchFile
  public var byteCount: Int64 { file.size }

  /// Takes a file that nothing is added to any more.
  public init(_ file: ScratchFile) { self.file = file }

  public func copyBytes(from offset: Int64, into buffer: UnsafeMutableRawBufferPointer) -> Int {
    file.copyBytes(from: offset, into: buffer)
  }
}
