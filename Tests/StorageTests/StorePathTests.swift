import Storage
import Testing

@Suite struct StorePathTests {
  @Test(arguments: [
    "a", "a/b", "..a/b..", "a b+c", "_delta_log/00000000000000000000.json", String(repeating: "x", count: 255),
  ])
  func accepts(path: String) throws {
    try StorePath.check(path)
  }

  @Test(arguments: [
    "", "/", "/a", "a/", "a//b", ".", "..", "a/..", "./a", "a\0b", String(repeating: "x", count: 256),
    String(repeating: "xxx/", count: 1_000) + "x",
  ])
  func refuses(path: String) {
    #expect(throws: StorageError.self) { try StorePath.check(path) }
  }

  @Test func theRootIsAPathOnlyWhereAllowed() throws {
    try StorePath.check("", allowRoot: true)
    #expect(throws: StorageError.self) { try StorePath.check("/", allowRoot: true) }
  }

  @Test(arguments: [("a/b/c", "a/b"), ("a", ""), ("", "")])
  func parents(path: String, parent: String) {
    #expect(StorePath.parent(of: path) == parent)
  }

  @Test(arguments: [("a", "b", "a/b"), ("", "b", "b"), ("a", "", "a"), ("", "", "")])
  func joins(directory: String, name: String, path: String) {
    #expect(StorePath.join(directory, name) == path)
  }

  @Test func messagesStayOneLine() {
    #expect(StorePath.printable("a\nb\u{1B}c") == "a\u{FFFD}b\u{FFFD}c")
    #expect(StorePath.printable(String(repeating: "x", count: 300)).count == 201)
  }
}
