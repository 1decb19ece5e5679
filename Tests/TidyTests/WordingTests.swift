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

/// A public or package declaration without a documentation comment.
private func documentationFindings(in file: TextFile) -> [Finding] {
  let code = file.code
  return code.indices.compactMap { index in
    guard declaresForOthers(code[index]), !hasDocumentation(above: index, in: file.lines) else { return nil }
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

  @Test("public and package declarations are documented", arguments: Checkout.sources)
  func documentation(file: TextFile) {
    expectNone(documentationFindings(in: file))
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
