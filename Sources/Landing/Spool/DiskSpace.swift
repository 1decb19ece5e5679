import Glibc

/// How much room the spool may take.
public struct SpoolLimits: Hashable, Sendable {
  /// Bytes of the spool's disk that are left free for everybody else.
  public var reserve: Int64 = 64 << 20
  /// Bytes that the spool may hold; `nil` for as many as the disk has.
  public var size: Int64?

  /// The defaults: 64 MiB stay free, and the spool has no limit of its own.
  public init() {}

  /// Whether a batch may be written, given what the disk has and the spool holds. Pure.
  func refusal(writing bytes: Int64, free: Int64?, held: Int64, at directory: String) -> String? {
    if let free, free - bytes < reserve {
      return "\(directory): the disk is full: \(free) bytes are free, and \(reserve) are kept free; make room, nothing "
        + "is lost meanwhile"
    }
    if let size, held + bytes > size {
      return "\(directory): the spool is full: it holds \(held) of \(size) bytes; nothing is lost meanwhile"
    }
    return nil
  }
}

/// Asks the system for the room on a disk.
enum DiskSpace {
  /// Bytes that this user may still write on the disk of a directory, or of the nearest parent that exists; `nil` when
  /// nobody can tell.
  static func free(at directory: String) -> Int64? {
    var path = directory
    while true {
      var information = statvfs()
      if unsafe statvfs(path, &information) == 0 {
        let (bytes, overflows) = UInt64(information.f_bavail).multipliedReportingOverflow(
          by: UInt64(information.f_frsize))
        return overflows ? .max : Int64(clamping: bytes)
      }
      guard errno == ENOENT, let cut = path.lastIndex(of: "/") else { return nil }
      path = cut == path.startIndex ? "/" : String(path[..<cut])
      if path == "/" && directory == "/" { return nil }
    }
  }
}
