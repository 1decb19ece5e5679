import Testing

/// Methods of suites that nothing runs: without `@Test`, and named nowhere else in the file.
private func unrunMethods(in file: TextFile) -> [Finding] {
  let code = file.code
  let words = Dictionary(grouping: code.flatMap { $0.split { !$0.isLetter && !$0.isNumber && $0 != "_" } }) { $0 }
  var type = ""
  return code.indices.compactMap { line in
    if !code[line].hasPrefix(" "), code[line].hasSuffix("{") { type = code[line] }
    guard type.contains("Tests"), code[line].hasPrefix("  func "), !isTest(line, code) else { return nil }
    let name = code[line].dropFirst("  func ".count).prefix { $0.isLetter || $0.isNumber || $0 == "_" }
    guard words[name]?.count == 1 else { return nil }
    return Finding(path: file.path, line: line + 1, message: "\(name) is no @Test, and nothing calls it")
  }
}

/// Whether the attributes above a line, up to what stands before them, make it a test.
private func isTest(_ line: Int, _ code: [String]) -> Bool {
  for above in code[..<line].reversed() {
    if above == "  }" || above.contains(" func ") || above.hasSuffix(" {") { return false }
    if above.hasPrefix("  @Test") { return true }
  }
  return false
}

@Suite struct UnrunTests {
  /// Five tests of pq-query had lost their attribute, and passed by never running.
  @Test("every method of a suite is a test, or is called by one", arguments: Checkout.allSwift)
  func unrun(file: TextFile) {
    expectNone(unrunMethods(in: file))
  }

  @Test("a method that lost its attribute is found")
  func offenders() {
    let text = """
      @Suite struct SampleTests {
        private func helper() {}
        func called() {}

        @Test(
          "of cases", arguments: [1])
        func cases(_ number: Int) { called() }

        @Test func plain() {}
        func lost() {}
      }

      struct Helper {
        func used() {}
      }
      """
    #expect(unrunMethods(in: TextFile(path: "Tests/A/SampleTests.swift", text: text)).map(\.line) == [10])
  }
}
