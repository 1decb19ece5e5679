import Storage

/// An absolute HDFS path that every server version stores under exactly this name.
///
/// Refused are: `%`, because the DataNodes of 2.7 decode it twice and write to another file; `:`, which HDFS forbids;
/// NUL and characters that stand for invalid UTF-8, which the server accepts and nobody can name again; accents as
/// marks of their own, because the NameNode composes them (NFC) when it redirects, so that content goes to another
/// file; `.` and `..` components; components above 255 bytes; paths above 8,000 bytes.
struct HDFSPath: Hashable, Sendable {
  /// The path with a leading slash.
  let text: String

  /// Checks a path; a slash at the end and doubled slashes are dropped.
  init(_ path: String, for operation: Operation) throws(WebHDFSError) {
    let components = path.utf8.split(separator: UInt8(ascii: "/"))
    guard path.utf8.first == UInt8(ascii: "/") else {
      throw Self.invalid(path, operation, "the path is not absolute")
    }
    guard path.utf8.count <= 8_000, components.count <= 1_000 else {
      throw Self.invalid(path, operation, "the path is longer than HDFS allows")
    }
    for component in components {
      if let problem = Self.problem(component) { throw Self.invalid(path, operation, problem) }
    }
    text = "/" + components.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "/")
  }

  private static func problem(_ component: Substring.UTF8View) -> String? {
    if component.count > 255 { return "a component is longer than 255 bytes" }
    if component.elementsEqual(".".utf8) || component.elementsEqual("..".utf8) { return "a component is . or .." }
    for byte in component {
      switch byte {
      case UInt8(ascii: "%"): return "a name with % is not safe on all versions of HDFS"
      case UInt8(ascii: ":"): return "HDFS does not allow : in a name"
      case 0: return "the path holds a NUL byte"
      default: break
      }
    }
    if component.allSatisfy({ $0 < 0x80 }) { return nil }
    for scalar in String(decoding: component, as: UTF8.self).unicodeScalars {
      // What was not UTF-8 became U+FFFD when the text was read.
      if scalar == "\u{FFFD}" { return "the path is not valid UTF-8" }
      if isDecomposed(scalar) { return "a name with a combining mark is not safe on HDFS; write it composed (NFC)" }
    }
    return nil
  }

  /// Whether a character never occurs in composed text, or belongs to a block whose characters join the one before:
  /// accents of European scripts, sound marks of Kana, vowels and finals of Hangul.
  private static func isDecomposed(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x0300...0x036F, 0x3099...0x309A, 0x1161...0x1175, 0x11A8...0x11C2: true
    default: scalar.properties.isFullCompositionExclusion
    }
  }

  private static func invalid(_ path: String, _ operation: Operation, _ message: String) -> WebHDFSError {
    WebHDFSError(.invalidPath, operation: operation.rawValue, path: path, message: message)
  }

  /// The directory that holds this path; of the root the root itself.
  var parent: String {
    guard let slash = text.utf8.lastIndex(of: UInt8(ascii: "/")), slash != text.startIndex else { return "/" }
    return String(text[..<slash])
  }
}
