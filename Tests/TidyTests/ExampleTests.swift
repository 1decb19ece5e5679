import Testing

/// An article of the documentation of a library.
struct Article: CustomTestStringConvertible {
  var path: String
  /// The library, whose tests hold the article's examples.
  var target: String { path.split(separator: "/").dropFirst().first.map(String.init) ?? "" }
  var testDescription: String { path }
}

/// Lines of Swift examples that stand in no line of the tests, trimmed.
func unrunLines(of article: TextFile, in tests: [TextFile]) -> [Finding] {
  let run = Set(tests.flatMap(\.lines).map(trimmed))
  var isSwift = false
  return article.lines.enumerated().compactMap { index, line in
    if line.hasPrefix("```") {
      isSwift = line == "```swift"
    } else if isSwift, !run.contains(trimmed(line)) {
      return Finding(path: article.path, line: index + 1, message: "no test runs this line of the example")
    }
    return nil
  }
}

private func trimmed(_ line: String) -> String {
  String(line.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
}

@Suite struct ExampleTests {
  static let articles = Checkout.files(under: "Sources").filter { $0.contains(".docc/") && $0.hasSuffix(".md") }
    .map { Article(path: $0) }

  @Test("every line of every Swift example of the documentation stands in a test of its library", arguments: articles)
  func examples(_ article: Article) throws {
    let text = try #require(Checkout.read(article.path))
    let tests = Checkout.allSwift.filter { $0.path.hasPrefix("Tests/\(article.target)Tests/") }
    expectNone(unrunLines(of: TextFile(path: article.path, text: text), in: tests))
  }

  @Test("a line that no test runs is found; other languages and prose are not looked at")
  func rule() {
    let article = TextFile(
      path: "A.md", text: "let prose\n```swift\nlet a = 1\n  let b = 2\n```\n```sql\nselect\n```\n")
    let tests = [TextFile(path: "T.swift", text: "  let a = 1 \n")]
    #expect(unrunLines(of: article, in: tests).map(\.line) == [4])
    #expect(!Self.articles.isEmpty)
  }
}
