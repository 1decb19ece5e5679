import Testing

private let fileLimit = 500
private let functionLimit = 60
private let widthLimit = 120

/// A line that is too wide; a line of one long word, such as a link, is let through.
private func widthFindings(in file: TextFile) -> [Finding] {
  file.lines.enumerated().compactMap { index, line in
    guard line.count > widthLimit else { return nil }
    let message = "the line has \(line.count) characters, \(widthLimit) is the limit"
    return Finding(path: file.path, line: index + 1, message: message)
  }
}

private func fileFindings(in file: TextFile) -> [Finding] {
  guard file.lines.count > fileLimit else { return [] }
  let message = "the file has \(file.lines.count) lines, \(fileLimit) is the limit"
  return [Finding(path: file.path, line: fileLimit + 1, message: message)]
}

/// Functions, initialisers and deinitialisers that are longer than the limit, signature and braces counted.
private func functionFindings(in file: TextFile) -> [Finding] {
  let code = file.code
  return code.indices.compactMap { first in
    guard let column = columnAfterFunctionKeyword(in: code[first]),
      let last = lastLineOfBody(in: code, from: first, column: column), last - first + 1 > functionLimit
    else { return nil }
    let message = "the function has \(last - first + 1) lines, \(functionLimit) is the limit"
    return Finding(path: file.path, line: first + 1, message: message)
  }
}

/// The column after `func`, `init` or `deinit` where a line declares one.
private func columnAfterFunctionKeyword(in line: String) -> Int? {
  let bytes = Array(line.utf8)
  for keyword in ["func", "init", "deinit"] {
    for start in bytes.indices where bytes[start...].starts(with: keyword.utf8) {
      let end = start + keyword.utf8.count
      let before = start == 0 ? UInt8(ascii: " ") : bytes[start - 1]
      let after = end < bytes.count ? bytes[end] : UInt8(ascii: " ")
      if before == UInt8(ascii: " "), " (<?!{".utf8.contains(after) { return end }
    }
  }
  return nil
}

/// The line that closes the body of a function, or `nil` where it has none, as in a protocol.
private func lastLineOfBody(in code: [String], from first: Int, column: Int) -> Int? {
  var parentheses = 0
  var braces = 0
  for line in first..<code.count {
    if line > first, parentheses == 0, braces == 0, beginsDeclaration(code[line]) { return nil }
    for byte in code[line].utf8.dropFirst(line == first ? column : 0) {
      // Braces inside the parentheses of the signature belong to default arguments.
      let isBrace = parentheses == 0 || braces > 0
      switch byte {
      case UInt8(ascii: "("), UInt8(ascii: "["): parentheses += 1
      case UInt8(ascii: ")"), UInt8(ascii: "]"): parentheses -= 1
      case UInt8(ascii: "{") where isBrace: braces += 1
      case UInt8(ascii: "}") where isBrace && braces == 0: return nil
      case UInt8(ascii: "}") where isBrace:
        braces -= 1
        if braces == 0 { return line }
      default: break
      }
    }
  }
  return nil
}

private func beginsDeclaration(_ line: String) -> Bool {
  let words: Set = [
    "func", "var", "let", "init", "deinit", "case", "static", "public", "package", "private", "mutating", "subscript",
    "associatedtype", "struct", "enum", "extension", "@discardableResult",
  ]
  return line.split(whereSeparator: { $0 == " " || $0 == "(" }).first.map { words.contains(String($0)) } ?? false
}

@Suite("Sizes")
struct SizeTests {
  @Test("a file has at most 500 lines", arguments: Checkout.allSwift)
  func fileLength(file: TextFile) {
    expectNone(fileFindings(in: file))
  }

  @Test("a function has at most 60 lines", arguments: Checkout.allSwift)
  func functionLength(file: TextFile) {
    expectNone(functionFindings(in: file))
  }

  @Test("a line has at most 120 characters", arguments: Checkout.allSwift)
  func lineWidth(file: TextFile) {
    expectNone(widthFindings(in: file))
  }

  @Test("a line of a script has at most 120 characters", arguments: Checkout.scripts)
  func scriptLineWidth(path: String) {
    expectNone(widthFindings(in: TextFile(path: path, text: Checkout.read(path) ?? "")))
  }

  @Test("a long function is found, with closures and braces in strings inside", arguments: [58, 59])
  func longFunction(lines: Int) {
    let body = (0..<lines).map { "    let x\($0) = [1].map { \"}}} \\($0)\" } // }}}\n" }.joined()
    let text =
      "protocol P {\n  func short()\n  init()\n}\nstruct S {\n  func long(f: () -> Int = { 1 }) {\n\(body)  }\n}\n"
    let file = TextFile(path: "Sources/A/B.swift", text: text)
    #expect(functionFindings(in: file).map(\.line) == (lines + 2 > functionLimit ? [6] : []))
  }

  @Test("a call of an initialiser is no declaration")
  func initialiserCall() {
    #expect(columnAfterFunctionKeyword(in: "    self.init(a: 1)") == nil)
    #expect(columnAfterFunctionKeyword(in: "    let initial = functional(1)") == nil)
    #expect(columnAfterFunctionKeyword(in: "  public init?(a: Int) {") == 13)
  }

  @Test("a long file and a wide line are found")
  func longFile() {
    let file = TextFile(path: "a", text: String(repeating: "x\n", count: 501) + String(repeating: "y", count: 121))
    #expect(fileFindings(in: file).map(\.line) == [501])
    #expect(widthFindings(in: file).map(\.line) == [502])
  }
}
