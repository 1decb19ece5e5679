import Storage
public import WebHDFS

/// Where data lies, as a person writes it: `-`, a local path or glob, or
/// `webhdfs://[user@]host:port[,host2:port2]/path` (`swebhdfs://` with TLS; several NameNodes for failover).
public enum Location: Sendable, Hashable, CustomStringConvertible {
  /// Standard input or output.
  case standardStream
  /// A path, perhaps with `*`, `?` or `[…]`, on this machine.
  case local(path: String)
  /// A path on HDFS.
  case hdfs(WebHDFSLocation)

  /// Reads a location.
  ///
  /// - Throws: ``CommandError`` with ``ExitStatus/usage`` when it is empty, has an unknown scheme, or is no complete
  ///   URL.
  public init(parsing text: String) throws(CommandError) {
    guard !text.isEmpty, !text.utf8.contains(0) else {
      throw CommandError("a location is empty or holds a zero byte – write a path or URL", exit: .usage)
    }
    if text == "-" {
      self = .standardStream
    } else if WebHDFSLocation.isLocation(text) {
      do throws(StorageError) {
        self = .hdfs(try WebHDFSLocation(parsing: text))
      } catch {
        throw CommandError("\(error)", exit: .usage)
      }
    } else if text.hasPrefix("file://") {
      self = .local(path: String(text.dropFirst(7)))
    } else if let scheme = text.firstRange(of: "://"), text[..<scheme.lowerBound].utf8.allSatisfy(Location.isOfScheme) {
      throw CommandError("\(text): unknown scheme – use a path, webhdfs:// or swebhdfs://", exit: .usage)
    } else {
      self = .local(path: text)
    }
  }

  private static func isOfScheme(_ byte: UInt8) -> Bool {
    (0x61...0x7A).contains(byte | 0x20) || (0x30...0x39).contains(byte) || byte == UInt8(ascii: "+")
  }

  /// The location as it is written, with the ports filled in.
  public var description: String {
    switch self {
    case .standardStream: "-"
    case .local(let path): path
    case .hdfs(let url): url.description
    }
  }
}
