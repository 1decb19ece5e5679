/// Builds the URLs of WebHDFS requests.
///
///     http://nn:9870/webhdfs/v1/a/b%20c?op=RENAME&user.name=ann&destination=/a/d
///
/// The path and every value are percent-encoded once; `+` always becomes `%2B`, which a query would read as a space.
struct RequestURL {
  /// Who asks, as it goes into the query: secrets included.
  struct Identity: Sendable, Hashable {
    var user: String?
    var doAs: String?
    var delegationToken: String?
  }

  static func make(
    _ operation: Operation, _ path: HDFSPath, at nameNode: Endpoint, isSecure: Bool, identity: Identity,
    parameters: [(name: String, value: String)]
  ) -> String {
    var url = "\(isSecure ? "https" : "http")://\(nameNode)/webhdfs/v1\(encode(path.text))?op=\(operation.rawValue)"
    // A token names its user, so nothing else does.
    if let token = identity.delegationToken {
      url += "&delegation=\(encode(token))"
    } else {
      if let user = identity.user { url += "&user.name=\(encode(user))" }
      if let doAs = identity.doAs { url += "&doas=\(encode(doAs))" }
    }
    for (name, value) in parameters { url += "&\(name)=\(encode(value))" }
    return url
  }

  /// Percent-encodes all but unreserved characters (RFC 3986, section 2.3) and the slash.
  static func encode(_ text: String) -> String {
    var result: [UInt8] = []
    result.reserveCapacity(text.utf8.count)
    let digits = Array("0123456789ABCDEF".utf8)
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"), UInt8(ascii: "/"):
        result.append(byte)
      default:
        result += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: result, as: UTF8.self)
  }
}

/// Where a NameNode sends the client: read only as far as needed, otherwise an opaque string.
struct Redirect: Hashable, Sendable {
  /// The whole URL, which may hold a token.
  let url: String
  let isSecure: Bool
  let endpoint: Endpoint
  /// The HDFS path in it, empty when it is broken; `nil` where the URL is a gateway's and not a server's own.
  let path: String?

  /// Reads a `Location`; `nil` unless it is an absolute HTTP or HTTPS URL.
  init?(_ location: String) {
    let isSecure: Bool
    let rest: Substring
    if location.lowercased().hasPrefix("http://") {
      (isSecure, rest) = (false, location.dropFirst(7))
    } else if location.lowercased().hasPrefix("https://") {
      (isSecure, rest) = (true, location.dropFirst(8))
    } else {
      return nil
    }
    let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    guard !authority.isEmpty, !authority.contains("@") else { return nil }
    guard location.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), location.utf8.count <= 16_384 else { return nil }
    var host = authority
    var port = isSecure ? 443 : 80
    if let colon = authority.lastIndex(of: ":"), !authority.hasSuffix("]") {
      guard let number = Int(authority[authority.index(after: colon)...]), (1...65_535).contains(number) else {
        return nil
      }
      (host, port) = (authority[..<colon], number)
    }
    if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
    guard !host.isEmpty else { return nil }
    url = location
    self.isSecure = isSecure
    endpoint = Endpoint(host: String(host), port: port)
    let target = rest[authority.endIndex...].prefix { $0 != "?" && $0 != "#" }
    path = target.hasPrefix(Self.prefix) ? Self.decode(target.dropFirst(Self.prefix.count)) ?? "" : nil
  }

  private static let prefix = "/webhdfs/v1"

  /// Undoes percent-encoding once; `nil` where it is broken.
  private static func decode(_ text: Substring) -> String? {
    var result: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      if byte != UInt8(ascii: "%") {
        result.append(byte)
        continue
      }
      let digits = String(decoding: rest.prefix(2), as: UTF8.self)
      guard rest.count >= 2, let value = UInt8(digits, radix: 16) else { return nil }
      result.append(value)
      rest = rest.dropFirst(2)
    }
    return String(decoding: result, as: UTF8.self)
  }
}
