import Columnar
import Testing

@testable import CommandSupport

/// Nested values are JSON in every format.
@Suite struct NestedPrintingTests {
  /// Three rows: a list of numbers, a map of text to a structure.
  static let batch: RecordBatch = {
    let item = Field("item", .double)
    let lists = Column(
      type: .list(item),
      values: .list(
        offsets: [0, 2, 2, 3],
        items: Column(type: .double, values: .double([1.5, .nan, 0]), validity: Bitmap([true, true, false]))),
      validity: Bitmap([true, false, true]))
    var words = ByteStrings()
    for word in ["a\"b", "c,d"] { words.append(word.utf8) }
    let value = Field("v", .structure([Field("n", .date)]))
    let key = Field("k", .string, isNullable: false)
    let pairs = Column(
      type: .structure([key, value]),
      values: .structure(
        [
          Column(type: .string, values: .bytes(words)),
          Column(
            type: value.type, values: .structure([Column(type: .date, values: .int32([0, 1]))], count: 2),
            validity: Bitmap([true, false])),
        ], count: 2))
    let maps = Column(type: .map(key: key, value: value), values: .list(offsets: [0, 0, 2, 2], items: pairs))
    return RecordBatch(schema: Schema([Field("l", lists.type), Field("m", maps.type)]), columns: [lists, maps])
  }()

  static func text(_ format: OutputFormat) throws -> String {
    var bytes: [UInt8] = []
    var printer = BatchPrinter(format: format, schema: batch.schema, terminalWidth: nil) { bytes += $0 }
    try printer.print(batch)
    try printer.finish()
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test("as JSON")
  func json() throws {
    #expect(
      try Self.text(.ndjson) == """
        {"l":[1.5,"NaN"],"m":[]}
        {"l":null,"m":[{"key":"a\\"b","value":{"n":"1970-01-01"}},{"key":"c,d","value":null}]}
        {"l":[null],"m":[]}

        """)
  }

  @Test("as a cell of CSV, quoted")
  func csv() throws {
    #expect(
      try Self.text(.csv).split(separator: "\r\n").map(String.init) == [
        "l,m", #""[1.5,""NaN""]",[]"#,
        #","[{""key"":""a\""b"",""value"":{""n"":""1970-01-01""}},{""key"":""c,d"",""value"":null}]""#, "[null],[]",
      ])
  }

  @Test("as a cell of a table")
  func table() throws {
    let lines = try Self.text(.table).split(separator: "\n")
    #expect(lines[2].hasPrefix(#"[1.5,"NaN"]  []"#))
    #expect(lines[3].hasSuffix(#"{"key":"c,d","value":null}]"#))
  }
}
