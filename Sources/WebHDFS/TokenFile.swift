import Glibc

/// A delegation token kept in a file.
enum TokenFile {
  /// The file's first line, or `nil` when there is none; at most 64 KiB are read.
  static func read(_ path: String) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let count = Glibc.read(descriptor, &buffer, buffer.count)
    guard count > 0 else { return nil }
    let line = buffer[..<count].prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
    return line.isEmpty ? nil : String(decoding: line, as: UTF8.self)
  }
}

/// The map of DataNode names to addresses, in the form libcurl takes.
enum HostMap {
  /// `dn1` to `10.0.0.5` becomes `dn1::10.0.0.5:`; ports may stand on either side.
  static func connectTo(_ map: [String: String]) -> [String] {
    map.sorted { $0.key < $1.key }.map { "\(withPort($0.key)):\(withPort($0.value))" }
  }

  private static func withPort(_ text: String) -> String {
    let hasPort = text.lastIndex(of: ":").map { colon in text.lastIndex(of: "]").map { $0 < colon } ?? true } ?? false
    return hasPort ? text : "\(text):"
  }
}

/// The hosts that redirects may lead to: names, or `*.example.org` for all names below a domain.
struct HostPatterns: Hashable, Sendable {
  private let patterns: [String]

  init(_ patterns: [String]) { self.patterns = patterns.map { $0.lowercased() } }

  func contain(_ host: String) -> Bool {
    let host = host.lowercased()
    return patterns.contains { pattern in
      pattern.hasPrefix("*.")
        ? host.hasSuffix(pattern.dropFirst()) && host.utf8.count >= pattern.utf8.count
        : pattern == host
    }
  }
}
