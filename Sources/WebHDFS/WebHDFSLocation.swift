public import Storage

/// The address of a NameNode's web server.
public struct Endpoint: Hashable, Sendable, CustomStringConvertible {
  /// A host name or address; IPv6 addresses without brackets.
  public var host: String
  /// The TCP port.
  public var port: Int

  /// Makes an endpoint.
  public init(host: String, port: Int) {
    self.host = host
    self.port = port
  }

  public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

/// A place on HDFS as people write it: `webhdfs://[user@]host[:port][,host2[:port2]]/path`, with `swebhdfs` for TLS.
///
/// `http://` and `https://` mean the same as `webhdfs://` and `swebhdfs://`, as in the setting `HDFS_URL`.
public struct WebHDFSLocation: Hashable, Sendable, CustomStringConvertible {
  /// The NameNodes, the first one asked first.
  public var nameNodes: [Endpoint]
  /// Whether TLS is spoken.
  public var isSecure: Bool
  /// The user given in the URL.
  public var user: String?
  /// The absolute path, `/` at least, as people write it: nothing in it is percent-encoded.
  public var path: String

  /// The port of a NameNode of Hadoop 3 where none is given: 9870, or 9871 with TLS.
  public static func defaultPort(isSecure: Bool) -> Int { isSecure ? 9871 : 9870 }

  /// Whether a text begins like one of the URLs that ``init(parsing:)`` reads.
  public static func isLocation(_ text: String) -> Bool {
    text.hasPrefix("webhdfs://") || text.hasPrefix("swebhdfs://")
  }

  /// Reads a URL.
  ///
  /// - Throws: ``StorageError`` with code `invalidPath` that says what cannot be read.
  public init(parsing text: String) throws(StorageError) {
    let schemes = ["webhdfs://": false, "swebhdfs://": true, "http://": false, "https://": true]
    guard let scheme = schemes.first(where: { text.hasPrefix($0.key) }) else {
      throw Self.invalid(text, "the URL must begin with webhdfs://, swebhdfs://, http:// or https://")
    }
    isSecure = scheme.value
    let rest = text.dropFirst(scheme.key.count)
    let slash = rest.firstIndex(of: "/") ?? rest.endIndex
    var authority = rest[..<slash]
    if let at = authority.lastIndex(of: "@") {
      let name = String(authority[..<at])
      guard !name.isEmpty, !name.contains(":") else {
        throw Self.invalid(text, "the part before @ is a user name alone; secrets belong in a token file")
      }
      user = name
      authority = authority[authority.index(after: at)...]
    }
    nameNodes = []
    for part in authority.split(separator: ",", omittingEmptySubsequences: false) {
      guard let endpoint = Self.endpoint(part, isSecure: scheme.value) else {
        throw Self.invalid(text, "\"\(part)\" is not host:port")
      }
      nameNodes.append(endpoint)
    }
    path = Self.normalized(String(rest[slash...]))
  }

  /// Makes a location of its parts.
  public init(nameNodes: [Endpoint], isSecure: Bool = false, user: String? = nil, path: String = "/") {
    self.nameNodes = nameNodes
    self.isSecure = isSecure
    self.user = user
    self.path = Self.normalized(path)
  }

  /// The URL, always with ports.
  public var description: String {
    let hosts = nameNodes.map(\.description).joined(separator: ",")
    return "\(isSecure ? "swebhdfs" : "webhdfs")://\(user.map { "\($0)@" } ?? "")\(hosts)\(path)"
  }

  /// The same NameNodes with a path below this one.
  public func appending(_ relative: String) -> WebHDFSLocation {
    var result = self
    result.path = Self.normalized("\(path)/\(relative)")
    return result
  }

  /// A leading slash, no doubled ones, none at the end.
  private static func normalized(_ path: String) -> String {
    "/" + path.split(separator: "/").joined(separator: "/")
  }

  private static func endpoint(_ text: Substring, isSecure: Bool) -> Endpoint? {
    var host = text
    var port = defaultPort(isSecure: isSecure)
    let portSeparator = text.lastIndex(of: ":")
    let bracket = text.lastIndex(of: "]")
    if let colon = portSeparator, bracket.map({ $0 < colon }) ?? true {
      guard let number = Int(text[text.index(after: colon)...]), (1...65_535).contains(number) else { return nil }
      host = text[..<colon]
      port = number
    }
    if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
    let isPlain = host.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
        true
      case UInt8(ascii: ":"): bracket != nil
      default: false
      }
    }
    return host.isEmpty || !isPlain ? nil : Endpoint(host: String(host), port: port)
  }

  private static func invalid(_ text: String, _ message: String) -> StorageError {
    StorageError(.invalidPath, path: StorePath.printable(text), message: message)
  }
}
