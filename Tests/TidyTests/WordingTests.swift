import Testing

/// What code may not contain, and why.
private let forbidden: [(text: String, reason: String)] = [
  ("try!", "handle the error: nothing from outside may trap"),
  ("fatalError(", "throw an error, or use precondition with a sentence for a fault of our own"),
]

/// Notes for later belong in the issue tracker.
private let notes = ["TO" + "DO", "FIX" + "ME", "XX" + "X"]

/// What switches a check of the compiler off, and so needs its reason in a comment above it.
private let needReason = ["@unchecked Sendable", "nonisolated(unsafe)"]

/// Files that may trap, each with its reason.
private let mayTrap: [String: String] = [:]

private func trapFindings(in file: TextFile) -> [Finding] {
  guard mayTrap[file.path] == nil else { return [] }
  return file.code.enumerated().flatMap { index, code in
    forbidden.filter { code.contains($0.text) }
      .map { Finding(path: file.path, line: index + 1, message: "\($0.text): \($0.reason)") }
  }
}

private func noteFindings(in file: TextFile) -> [Finding] {
  file.lines.enumerated().flatMap { index, line in
    notes.filter { line.contains($0) }
      .map { Finding(path: file.path, line: index + 1, message: "\($0): do it, or open an issue") }
  }
}

private func reasonFindings(in file: TextFile) -> [Finding] {
  let code = file.code
  return code.indices.flatMap { index in
    needReason.filter { code[index].contains($0) && !hasComment(above: index, in: file.lines) }
      .map { Finding(path: file.path, line: index + 1, message: "\($0) without a comment above that says why") }
  }
}

/// Whether a comment stands directly above a line, attributes in between left aside.
private func hasComment(above line: Int, in lines: [String]) -> Bool {
  var above = line - 1
  while above >= 0, lines[above].drop(while: { $0 == " " }).hasPrefix("@") { above -= 1 }
  return above >= 0 && lines[above].drop(while: { $0 == " " }).hasPrefix("//")
}

/// A public or package declaration without a documentation comment; one that answers a documented requirement of a
/// protocol inherits its comment.
private func documentationFindings(in file: TextFile, inheriting protocols: [DocumentedProtocol] = []) -> [Finding] {
  let code = file.code
  let inherited = DocumentedProtocol.standard + protocols.filter { $0.isAdopted(in: code) }
  return code.indices.compactMap { index in
    guard declaresForOthers(code[index]), !hasDocumentation(above: index, in: file.lines) else { return nil }
    if let name = declaredName(in: code[index]), inherited.contains(where: { $0.requirements.contains(name) }) {
      return nil
    }
    let declaration = file.lines[index].drop(while: { $0 == " " }).prefix(60)
    return Finding(path: file.path, line: index + 1, message: "no /// above: \(declaration)")
  }
}

private func declaresForOthers(_ line: String) -> Bool {
  let words = line.split(separator: " ").drop { $0.hasPrefix("@") }
  guard let first = words.first, ["public", "package", "open"].contains(first) else { return false }
  let second = words.dropFirst().first ?? ""
  return second != "import" && second != "extension" && second != "override"
}

/// A protocol whose requirements are documented where it is declared, so that documentation tools show that comment for
/// the types that adopt it.
private struct DocumentedProtocol {
  var name: String
  var requirements: Set<String>

  /// `CustomStringConvertible` and `RawRepresentable`, which every reader of Swift knows.
  static let standard = [
    DocumentedProtocol(name: "CustomStringConvertible", requirements: ["description"]),
    DocumentedProtocol(name: "RawRepresentable", requirements: ["rawValue", "init(rawValue:"]),
  ]

  /// The protocols that a file declares, each with those of its requirements that have a comment.
  static func declared(in file: TextFile) -> [DocumentedProtocol] {
    let code = file.code
    return code.indices.compactMap { first in
      guard let name = declaredName(in: code[first], keyword: "protocol"),
        let last = code[first...].firstIndex(where: { $0 == "}" })
      else { return nil }
      let requirements = code.indices[first..<last].filter { hasDocumentation(above: $0, in: file.lines) }
        .compactMap { declaredName(in: code[$0]) }
      return DocumentedProtocol(name: name, requirements: Set(requirements))
    }
  }

  /// Whether a type of the file conforms to the protocol.
  func isAdopted(in code: [String]) -> Bool {
    code.contains { line in
      guard let colon = line.firstIndex(of: ":"), line.hasSuffix("{") else { return false }
      return line[colon...].split(whereSeparator: { ":,{ ".contains($0) }).contains { $0 == name }
    }
  }
}

/// The name behind `func`, `var`, `let` or the keyword asked for; `init(` with its first label for an initialiser.
private func declaredName(in line: String, keyword: String? = nil) -> String? {
  let keywords = keyword.map { [$0] } ?? ["func", "var", "let"]
  let words = line.split(whereSeparator: { $0 == " " })
  if keyword == nil, let initialiser = words.first(where: { $0.hasPrefix("init(") }) { return String(initialiser) }
  guard let index = words.firstIndex(where: { keywords.contains(String($0)) }), index + 1 < words.count else {
    return nil
  }
  return words[index + 1].split(whereSeparator: { "(<:".contains($0) }).first.map(String.init)
}

private func hasDocumentation(above line: Int, in lines: [String]) -> Bool {
  var above = line - 1
  while above >= 0 {
    let text = lines[above].drop(while: { $0 == " " })
    guard text.hasPrefix("@") || text.hasPrefix("// swift-format-ignore") else { return text.hasPrefix("///") }
    above -= 1
  }
  return false
}

@Suite("Wording")
struct WordingTests {
  @Test("nothing traps on an error", arguments: Checkout.allSwift)
  func traps(file: TextFile) {
    expectNone(trapFindings(in: file))
  }

  @Test("no notes for later", arguments: Checkout.allSwift)
  func laterNotes(file: TextFile) {
    expectNone(noteFindings(in: file))
  }

  @Test("unchecked concurrency says why it is safe", arguments: Checkout.allSwift)
  func reasons(file: TextFile) {
    expectNone(reasonFindings(in: file))
  }

  private static let protocols = Checkout.sources.flatMap(DocumentedProtocol.declared)

  @Test("public and package declarations are documented", arguments: Checkout.sources)
  func documentation(file: TextFile) {
    expectNone(documentationFindings(in: file, inheriting: Self.protocols))
  }

  @Test("an answer to a documented requirement inherits its comment, another declaration does not")
  func inheritedDocumentation() {
    let text = """
      public protocol Shelf {
        /// Documented.
        func list(_ path: String)
        func secret()
      }
      public struct Local: Sendable, Shelf {
        public func list(_ path: String) {}
        public func secret() {}
        public var description: String { "" }
        public func more() {}
      }
      """
    let file = TextFile(path: "Sources/A/A.swift", text: text)
    let protocols = DocumentedProtocol.declared(in: file)
    #expect(protocols.map(\.requirements) == [["list"]])
    #expect(documentationFindings(in: file, inheriting: protocols).map(\.line) == [1, 6, 8, 10])
    #expect(documentationFindings(in: file).map(\.line) == [1, 6, 7, 8, 10])
  }

  @Test("offenders are found, comments and strings are left alone")
  func offenders() {
    let text = """
      /// Not a fatalError( of ours.
      public struct A: @unchecked Sendable {
        public var a = "try! this"
        @inlinable public func b() { try! c() }
        /// Documented.
        @inlinable
        package init() { fatalError("\\(try! d)") }
      }
      public import Storage
      final class B: @unchecked Sendable {}
      """
    let file = TextFile(path: "Sources/A/A.swift", text: text + "\n// \(notes[0])")
    #expect(trapFindings(in: file).map(\.line) == [4, 7])
    #expect(documentationFindings(in: file).map(\.line) == [3, 4])
    #expect(reasonFindings(in: file).map(\.line) == [10])
    #expect(noteFindings(in: file).map(\.line) == [11])
  }

  @Test(
    "strings and comments are blanked to their end",
    arguments: [
      (#"let a = "x\"y" + b"#, "let a =        + b"),
      (##"let a = #"x"\"# + b"##, "let a =         + b"),
      (#"f("\(g("}"))}") { }"#, "f(            ) { }"),
      ("a /* b /* c */ d */ e", "a                   e"),
      ("a // b", "a     "),
    ])
  func blanking(source: String, code: String) {
    #expect(SwiftCode.lines(of: source) == [code])
  }
}
