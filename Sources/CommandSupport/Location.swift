/// Where data lies, as a person writes it: `-`, a local path or glob, or
/// `webhdfs://[user@]host:port[,host2:port2]/path` (`swebhdfs://` with TLS; several NameNodes for failover).
public enum Location: Sendable, Hashable, CustomStringConvertible {
  /// Standard input or output.
  case standardStream
  /// A path, perhaps with `*`, `?` or `[…]`, on this machine.
  case local(path: String)
  /// A path on HDFS.
  case hdfs(HDFSLocation)

  /// Reads a location.
  ///
  /// - Throws: ``CommandError`` with ``ExitStatus/usage`` when it is empty, has an unknown scheme, or is no complete URL.
  public init(parsing text: String) throws(CommandError) {
    guard !text.isEmpty, !text.utf8.contains(0) else {
      throw CommandError("a location is empty or holds a zero byte – write a path or URL", exit: .usage)
    }
    if text == "-" {
      self = .standardStream
    } else if let url = try HDFSLocation(parsing: text) {
      self = .hdfs(url)
    } else {
      self = .local(path: text.hasPrefix("file://") ? String(text.dropFirst(7)) : text)
    }
  }

  public var description: String {
    switch self {
    case .standardStream: "-"
    case .local(let path): path
    case .hdfs(let url): url.description
    }
  }
}

/// A path on HDFS with the NameNodes that serve it.
public struct HDFSLocation: Sendable, Hashable, CustomStringConvertible {
  /// Whether TLS is spoken.
  public var usesTLS: Bool
  /// The user, where the URL names one.
  public var user: String?
  /// The NameNodes as `host:port`, at least one.
  public var nameNodes: [String]
  /// The absolute path.
  public var path: String

  /// Makes a location of its parts, unchecked.
  public init(usesTLS: Bool, user: String?, nameNodes: [String], path: String) {
    self.usesTLS = usesTLS
    self.user = user
    self.nameNodes = nameNodes
    self.path = path
  }

  public var description: String {
    "\(usesTLS ? "swebhdfs" : "webhdfs")://\(user.map { "\($0)@" } ?? "")\(nameNodes.joined(separator: ","))\(path)"
  }

  /// Reads a WebHDFS URL; `nil` where the text has no scheme and is a local path.
  init?(parsing text: String) throws(CommandError) {
    guard let separator = text.firstRange(of: "://") else { return nil }
    let scheme = text[..<separator.lowerBound].lowercased()
    guard scheme != "file" else { return nil }
    guard scheme == "webhdfs" || scheme == "swebhdfs" else {
      throw CommandError("\(text): unknown scheme – use a path, webhdfs:// or swebhdfs://", exit: .usage)
    }
    let rest = text[separator.upperBound...]
    let slash = rest.firstIndex(of: "/") ?? rest.endIndex
    var authority = rest[..<slash]
    user = nil
    if let at = authority.lastIndex(of: "@") {
      user = String(authority[..<at])
      authority = authority[authority.index(after: at)...]
    }
    usesTLS = scheme == "swebhdfs"
    nameNodes = []
    path = slash == rest.endIndex ? "/" : String(rest[slash...])
    for node in authority.split(separator: ",", omittingEmptySubsequences: false) {
      nameNodes.append(try HDFSLocation.nameNode(node, usesTLS: usesTLS, in: text))
    }
    guard user.map(HDFSLocation.isPlain) ?? true else {
      throw CommandError("\(text): the user must be a plain name – write it as user@host", exit: .usage)
    }
  }

  /// One `host[:port]`, the port filled in: Hadoop's 9870, or 9871 with TLS.
  private static func nameNode(_ node: Substring, usesTLS: Bool, in text: String) throws(CommandError) -> String {
    var host = node
    var port = usesTLS ? 9871 : 9870
    let bracket = node.lastIndex(of: "]") ?? node.startIndex
    if let colon = node[bracket...].lastIndex(of: ":") {
      host = node[..<colon]
      guard let number = UInt16(node[node.index(after: colon)...]), number > 0 else {
        throw CommandError("\(text): the port must be 1 to 65535 – write webhdfs://host:port/path", exit: .usage)
      }
      port = Int(number)
    }
    let name = host.first == "[" && host.last == "]" ? host.dropFirst().dropLast().filter { $0 != ":" } : String(host)
    guard isPlain(name) else {
      throw CommandError("\(text): a host is missing or malformed – write webhdfs://host:port/path", exit: .usage)
    }
    return "\(host):\(port)"
  }

  private static func isPlain(_ name: String) -> Bool {
    !name.isEmpty
      && name.utf8.allSatisfy {
        ($0 | 0x20) >= 0x61 && ($0 | 0x20) <= 0x7A || $0 >= 0x30 && $0 <= 0x39
          || [0x2D, 0x2E, 0x5F].contains($0)  // - . _
      }
  }
}
