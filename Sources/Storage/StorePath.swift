/// The rules that a path inside any ``FileStore`` keeps, whatever the store is made of.
///
/// A path is relative to the root: components joined by single slashes, none of them empty, `.` or `..`, at most 255
/// UTF-8 bytes each (the limit of Linux file systems and of HDFS alike), without NUL. The empty path is the root.
public enum StorePath {
  /// The longest component in UTF-8 bytes.
  public static let componentByteLimit = 255
  /// The longest path in UTF-8 bytes; HDFS refuses more than 8,000 characters, Linux 4,096 bytes with the root.
  public static let byteLimit = 3_072

  /// Checks a path.
  ///
  /// - Throws: ``StorageError`` with code ``StorageError/Code/invalidPath`` that says which rule is broken.
  public static func check(_ path: String, allowRoot: Bool = false) throws(StorageError) {
    if path.isEmpty {
      if allowRoot { return }
      throw StorageError(.invalidPath, path: "/", message: "the store's root cannot be used here")
    }
    if let problem = problem(in: path) {
      throw StorageError(.invalidPath, path: printable(path), message: problem)
    }
  }

  /// What is wrong with a path, or `nil`.
  private static func problem(in path: String) -> String? {
    if path.utf8.count > byteLimit { return "the path is longer than \(byteLimit) bytes" }
    if path.utf8.contains(0) { return "the path holds a NUL byte" }
    for component in path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
      if component.isEmpty { return "the path has an empty component" }
      if component.elementsEqual(".".utf8) || component.elementsEqual("..".utf8) {
        return "the path holds a . or .. component"
      }
      if component.count > componentByteLimit { return "a component is longer than \(componentByteLimit) bytes" }
    }
    return nil
  }

  /// The directory that holds a path, empty for the root.
  public static func parent(of path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "" }
    return String(path[..<slash])
  }

  /// The last component of a path, empty for the root.
  public static func name(of path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return path }
    return String(path[path.utf8.index(after: slash)...])
  }

  /// A path below a directory; either may be empty.
  public static func join(_ directory: String, _ name: String) -> String {
    if directory.isEmpty { return name }
    return name.isEmpty ? directory : "\(directory)/\(name)"
  }

  /// The order in which stores list: by UTF-8 bytes, as HDFS does, not by language.
  public static func precedes(_ a: String, _ b: String) -> Bool {
    a.utf8.lexicographicallyPrecedes(b.utf8)
  }

  /// A path for messages: control characters replaced, so that it stays one line, and cut at 200 characters.
  public static func printable(_ path: String) -> String {
    let cut = path.unicodeScalars.prefix(200).map { $0.properties.generalCategory == .control ? "\u{FFFD}" : $0 }
    return String(String.UnicodeScalarView(cut)) + (path.unicodeScalars.count > 200 ? "…" : "")
  }
}
