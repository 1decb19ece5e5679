import Testing

@testable import Delta

@Suite("Paths in the log")
struct PathTextTests {
  @Test("any path survives", arguments: ["date=2026-01-02/a.parquet", "a b%c#d?e", "ünï/çø∂é", "x:y"])
  func roundTrip(path: String) {
    #expect(PathText.decode(PathText.encode(path)) == path)
  }

  @Test(
    "a path out of the table is refused",
    arguments: ["/etc/passwd", "../x", "a/../b", "hdfs://h/x", "%2e%2e/x", "a%2", "a%zz", "a//b"])
  func outside(text: String) {
    #expect(PathText.decode(text) == nil)
  }

  @Test(
    "spellings of one path meet",
    arguments: [
      ("a b", "a%20b"), ("a%2Db", "a-b"), ("date=2026%2D01", "date=2026-01"), ("%zz", "%zz"), ("x:y", "x%3Ay"),
    ])
  func canonical(text: String, canonical: String) {
    #expect(PathText.canonical(text) == canonical)
    #expect(PathText.canonical(canonical) == canonical)
  }
}
