import Foundation
import Testing

/// A text file of the checkout.
struct TextFile: CustomTestStringConvertible {
  /// Relative to the root of the checkout.
  var path: String
  var lines: [String]

  var testDescription: String { path }

  /// Makes a file from its text.
  init(path: String, text: String) {
    self.path = path
    lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    if lines.last == "" { lines.removeLast() }
  }

  /// The lines with comments and string literals blanked out.
  var code: [String] { SwiftCode.lines(of: lines.joined(separator: "\n")) }

  /// The target that a file under `Sources`, `Tests` or `Benchmarks` belongs to.
  var target: String { path.split(separator: "/").dropFirst().first.map(String.init) ?? "" }
}

/// A breach of a rule, printed as `file:line: message`.
struct Finding: Equatable, CustomStringConvertible {
  var path: String
  var line: Int
  var message: String

  var description: String { "\(path):\(line): \(message)" }
}

/// The checkout that these tests were built from.
enum Checkout {
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  static let sources = swiftFiles(under: ["Sources"])
  static let allSwift = swiftFiles(under: ["Sources", "Tests", "Benchmarks"])

  /// All scripts of `tools`, those in folders below it included.
  static let scripts = files(under: "tools").filter { path in
    guard !path.contains("__pycache__"), let text = read(path) else { return false }
    return text.hasPrefix("#!") || path.hasSuffix(".py") || path.hasSuffix(".bash")
  }

  /// The text of a file, or `nil` where it is missing or not text.
  static func read(_ path: String) -> String? {
    try? String(contentsOf: root.appending(path: path), encoding: .utf8)
  }

  /// Paths of all files below a folder, sorted.
  static func files(under folder: String) -> [String] {
    let found = FileManager.default.enumerator(atPath: root.appending(path: folder).path)
    return (found?.compactMap { $0 as? String } ?? []).map { "\(folder)/\($0)" }
      .filter { path in
        var isDirectory: ObjCBool = false
        return FileManager.default.fileExists(atPath: root.appending(path: path).path, isDirectory: &isDirectory)
          && !isDirectory.boolValue
      }
      .sorted()
  }

  private static func swiftFiles(under folders: [String]) -> [TextFile] {
    folders.flatMap(files).filter { $0.hasSuffix(".swift") }
      .compactMap { path in read(path).map { TextFile(path: path, text: $0) } }
  }
}

/// Records an issue for each finding.
func expectNone(_ findings: [Finding], sourceLocation: SourceLocation = #_sourceLocation) {
  for finding in findings { Issue.record("\(finding)", sourceLocation: sourceLocation) }
}
