import Columnar
import Testing

@testable import CommandSupport

/// Everything a printer writes.
private func printed(
  _ format: OutputFormat, _ batches: [RecordBatch], schema: Schema, width: Int? = nil
) throws -> String {
  var bytes: [UInt8] = []
  var printer = BatchPrinter(format: format, schema: schema, terminalWidth: width) { bytes += $0 }
  for batch in batches { try printer.print(batch) }
  try printer.finish()
  #expect(printer.rowCount == batches.reduce(0) { $0 + $1.rowCount })
  return String(decoding: bytes, as: UTF8.self)
}

private func strings(_ values: [String]) -> ColumnValues {
  var bytes = ByteStrings()
  for value in values { bytes.append(value.utf8) }
  return .bytes(bytes)
}

@Suite struct BatchPrinterTests {
  private static let schema = Schema([
    Field("name", .string), Field("n", .int(bits: 64)), Field("x", .double), Field("at", .date),
  ])
  private static let batch = RecordBatch(
    schema: schema,
    columns: [
      Column(type: .string, values: strings(["ann", "", "b,\"c\"|\n"]), validity: Bitmap([true, true, true])),
      Column(type: .int(bits: 64), values: .int64([1, 0, -300]), validity: Bitmap([true, false, true])),
      Column(type: .double, values: .double([36.6, .nan, 2]), validity: nil),
      Column(type: .date, values: .int32([0, 1, 0]), validity: Bitmap([true, true, false])),
    ])

  @Test(arguments: [
    (
      OutputFormat.ndjson,
      #"""
      {"name":"ann","n":1,"x":36.6,"at":"1970-01-01"}
      {"name":"","n":null,"x":"NaN","at":"1970-01-02"}
      {"name":"b,\"c\"|\n","n":-300,"x":2.0,"at":null}

      """#
    ),
    (
      .json,
      #"""
      [{"name":"ann","n":1,"x":36.6,"at":"1970-01-01"},
      {"name":"","n":null,"x":"NaN","at":"1970-01-02"},
      {"name":"b,\"c\"|\n","n":-300,"x":2.0,"at":null}
      ]

      """#
    ),
    (.csv, "name,n,x,at\r\nann,1,36.6,1970-01-01\r\n\"\",,NaN,1970-01-02\r\n\"b,\"\"c\"\"|\n\",-300,2.0,\r\n"),
    (.tsv, "name\tn\tx\tat\nann\t1\t36.6\t1970-01-01\n\t\tNaN\t1970-01-02\nb,\"c\"|\\n\t-300\t2.0\t\n"),
    (
      .markdown,
      #"""
      | name | n | x | at |
      | --- | ---: | ---: | --- |
      | ann | 1 | 36.6 | 1970-01-01 |
      |  |  | NaN | 1970-01-02 |
      | b,"c"\|<br> | -300 | 2.0 |  |

      """#
    ),
    (
      .table,
      #"""
      name         n     x  at
      --------  ----  ----  ----------
      ann          1  36.6  1970-01-01
                null   NaN  1970-01-02
      b,"c"|\n  -300   2.0  null

      """#
    ),
  ])
  func formats(_ format: OutputFormat, expected: String) throws {
    #expect(try printed(format, [Self.batch], schema: Self.schema) == expected)
  }

  @Test(arguments: [
    (OutputFormat.ndjson, ""), (.json, "[]\n"), (.csv, "name,n,x,at\r\n"), (.tsv, "name\tn\tx\tat\n"),
    (.markdown, "| name | n | x | at |\n| --- | ---: | ---: | --- |\n"), (.table, "name  n  x  at\n----  -  -  --\n"),
  ])
  func noRows(_ format: OutputFormat, expected: String) throws {
    #expect(try printed(format, [], schema: Self.schema) == expected)
  }

  @Test(arguments: OutputFormat.allCases) func batchesJoinWithoutASeam(_ format: OutputFormat) throws {
    let twice = try printed(format, [Self.batch, Self.batch], schema: Self.schema)
    var columns = Self.batch.columns
    columns[0] = Column(type: .string, values: strings(["ann", "", "b,\"c\"|\n", "ann", "", "b,\"c\"|\n"]))
    columns[1] = Column(
      type: .int(bits: 64), values: .int64([1, 0, -300, 1, 0, -300]),
      validity: Bitmap([true, false, true, true, false, true]))
    columns[2] = Column(type: .double, values: .double([36.6, .nan, 2, 36.6, .nan, 2]))
    columns[3] = Column(
      type: .date, values: .int32([0, 1, 0, 0, 1, 0]), validity: Bitmap([true, true, false, true, true, false]))
    let once = try printed(format, [RecordBatch(schema: Self.schema, columns: columns)], schema: Self.schema)
    #expect(twice == once)
  }

  @Test func noColumns() throws {
    let batch = RecordBatch(schema: Schema([]), columns: [], rowCount: 2)
    #expect(try printed(.ndjson, [batch], schema: batch.schema) == "{}\n{}\n")
    #expect(try printed(.json, [batch], schema: batch.schema) == "[{},\n{}\n]\n")
  }

  @Test func someRowsOfABatch() throws {
    var bytes: [UInt8] = []
    var printer = BatchPrinter(format: .tsv, schema: Self.schema, terminalWidth: nil) { bytes += $0 }
    try printer.print(Self.batch, rows: 1..<2)
    try printer.flush()
    #expect(String(decoding: bytes, as: UTF8.self) == "name\tn\tx\tat\n\t\tNaN\t1970-01-02\n")
  }

  /// Every type in JSON, one row each: type, values, text.
  static let types: [(DataType, ColumnValues, String)] = [
    (.null, .int32([0]), "null"), (.boolean, .boolean(Bitmap([true])), "true"),
    (.int(bits: 8), .int32([-5]), "-5"), (.unsigned(bits: 32), .int32([-1]), "4294967295"),
    (.unsigned(bits: 64), .int64([-1]), "18446744073709551615"), (.float, .float([0.1]), "0.1"),
    (.float, .float([.infinity]), "\"Infinity\""), (.double, .double([-.infinity]), "\"-Infinity\""),
    (.float16, .fixed(width: 2, [0x00, 0x3E]), "1.5"), (.float16, .fixed(width: 2, [0x00, 0xFC]), "\"-Infinity\""),
    (.decimal(precision: 5, scale: 2), .int32([12_345]), "123.45"),
    (.decimal(precision: 18, scale: 1), .int64([-5]), "-0.5"),
    (.decimal(precision: 4, scale: 2), .fixed(width: 2, [0xFF, 0xFF]), "-0.01"),
    (.decimal(precision: 4, scale: 0), .bytes(ByteStrings(offsets: [0, 1], bytes: [7])), "7"),
    (.date, .int32([-1]), "\"1969-12-31\""),
    (.time(unit: .milliseconds, isAdjustedToUTC: true), .int32([1]), "\"00:00:00.001Z\""),
    (.time(unit: .nanoseconds, isAdjustedToUTC: false), .int64([1]), "\"00:00:00.000000001\""),
    (.timestamp(unit: .microseconds, isAdjustedToUTC: true), .int64([0]), "\"1970-01-01T00:00:00.000000Z\""),
    (.int96, .fixed(width: 12, [0, 0, 0, 0, 0, 0, 0, 0, 0x8C, 0x3D, 0x25, 0]), "\"1970-01-01T00:00:00.000000000\""),
    (
      .interval, .fixed(width: 12, [1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0]), #"{"months":1,"days":2,"millis":3}"#
    ),
    (.string, strings(["é"]), "\"é\""), (.enumeration, strings(["A"]), "\"A\""), (.json, strings(["{}"]), "\"{}\""),
    (.binary, strings(["foo"]), "\"Zm9v\""), (.bson, strings(["foo"]), "\"Zm9v\""),
    (.fixedBinary(width: 3), .fixed(width: 3, [0x66, 0x6F, 0x6F]), "\"Zm9v\""),
    (
      .uuid, .fixed(width: 16, Array(repeating: 0xAB, count: 16)), "\"abababab-abab-abab-abab-abababababab\""
    ),
  ]

  @Test(arguments: types) func everyType(_ type: DataType, values: ColumnValues, expected: String) throws {
    let schema = Schema([Field("v", type)])
    let plain = RecordBatch(schema: schema, columns: [Column(type: type, values: values)])
    #expect(try printed(.ndjson, [plain], schema: schema) == "{\"v\":\(expected)}\n")
    let coded = Column(
      type: type, values: .dictionary(codes: [0, 0, 0], values: values), validity: Bitmap([true, false, true]))
    let dictionary = RecordBatch(schema: schema, columns: [coded])
    #expect(
      try printed(.ndjson, [dictionary], schema: schema) == "{\"v\":\(expected)}\n{\"v\":null}\n{\"v\":\(expected)}\n")
  }

  @Test func intervalsInCSVAreQuoted() throws {
    let schema = Schema([Field("v", .interval)])
    let column = Column(type: .interval, values: .fixed(width: 12, [1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0]))
    let text = try printed(.csv, [RecordBatch(schema: schema, columns: [column])], schema: schema)
    #expect(text == "v\r\n\"{\"\"months\"\":1,\"\"days\"\":2,\"\"millis\"\":3}\"\r\n")
  }

  /// More rows than are formatted at once, and dictionary entries that first occur in different pieces.
  @Test func longBatches() throws {
    let schema = Schema([Field("i", .int(bits: 32)), Field("s", .string)])
    let count = 5_000
    let codes = (0..<count).map { Int32($0 / 700) }
    let batch = RecordBatch(
      schema: schema,
      columns: [
        Column(type: .int(bits: 32), values: .int32((0..<Int32(count)).map { $0 })),
        Column(type: .string, values: .dictionary(codes: codes, values: strings((0..<8).map { "v\($0)" }))),
      ])
    let expected = (0..<count).map { "{\"i\":\($0),\"s\":\"v\($0 / 700)\"}\n" }.joined()
    #expect(try printed(.ndjson, [batch], schema: schema) == expected)
    var pieces = 0
    var printer = BatchPrinter(format: .ndjson, schema: schema, terminalWidth: nil) { _ in pieces += 1 }
    try printer.print(batch)
    try printer.finish()
    #expect(pieces < 5, "output goes out in large pieces")
  }

  @Test("columns for which a terminal has no room are counted, and types stand below the names")
  func manyColumns() throws {
    let names = (0..<20).map { "column_\($0)" }
    let batch = RecordBatch(
      schema: Schema(names.map { Field($0, .string) }),
      columns: names.map { Column(type: .string, values: strings(["of \($0)"])) })
    for width in [1, 10, 40, 80, 300] {
      var bytes: [UInt8] = []
      var printer = BatchPrinter(
        format: .table, schema: batch.schema, types: names.map { _ in "varchar" }, terminalWidth: width
      ) { bytes += $0 }
      try printer.print(batch)
      try printer.finish()
      let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
      #expect(lines.count == 4 && lines[0].hasPrefix("column_") && lines[1].contains("varchar"))
      #expect(width < 40 || lines.allSatisfy { $0.count <= width }, "\(lines)")
      #expect(lines[0].contains(" more") == (width < 300))
      #expect(width == 300 || lines[3].contains("…"))
    }
  }

  @Test func tablesFitTheTerminal() throws {
    let schema = Schema([Field("long", .string), Field("n", .int(bits: 32)), Field("wide", .string)])
    let batch = RecordBatch(
      schema: schema,
      columns: [
        Column(type: .string, values: strings([String(repeating: "x", count: 60), "short"])),
        Column(type: .int(bits: 32), values: .int32([7, 8])),
        Column(type: .string, values: strings(["日本語日本語日本語日本語", "é"])),
      ])
    let lines = try printed(.table, [batch], schema: schema, width: 30).split(separator: "\n")
    #expect(lines.count == 4)
    #expect(lines.allSatisfy { UTF8Text.width(of: Array($0.utf8)[...]) <= 30 })
    #expect(lines[2].contains("xxx…") && lines[2].contains("日本") && lines[2].hasSuffix("…"))
    #expect(lines.allSatisfy { !$0.hasSuffix(" ") })
    let uncut = try printed(.table, [batch], schema: schema)
    #expect(uncut.contains(String(repeating: "x", count: 60)))
  }

  @Test func aFailingOutputEndsThePrinting() {
    var printer = BatchPrinter(format: .csv, schema: Self.schema, terminalWidth: nil) { _ in throw ClosedPipe() }
    #expect(throws: ClosedPipe.self) {
      try printer.print(Self.batch)
      try printer.finish()
    }
  }
}

@Suite struct ReportTests {
  @Test func rowsBecomeColumns() throws {
    var report = Report(["file", "rows"], integers: ["rows"])
    report.append(["a", 3])
    report.append([.none, .init(Int64?.none)])
    report.append([.init("b"), .init(UInt64.max)])
    #expect(
      try printed(.ndjson, [report.batch], schema: report.schema)
        == "{\"file\":\"a\",\"rows\":3}\n{\"file\":null,\"rows\":null}\n{\"file\":\"b\",\"rows\":\(Int64.max)}\n")
  }

  @Test(arguments: [
    (Scalar.int(19_723), DataType.date, "2024-01-01"), (.bytes(Array("a\n".utf8)), .string, #"a\n"#),
    (.unsigned(.max), .unsigned(bits: 64), "18446744073709551615"), (.boolean(false), .boolean, "false"),
    (.double(0.5), .double, "0.5"), (.null, .double, "null"), (.int(5), .int(bits: 64), "5"),
    (.bytes([0x00, 0x3E]), .float16, "1.5"), (.bytes([7]), .decimal(precision: 3, scale: 1), "0.7"),
    (.int(1_000), .time(unit: .milliseconds, isAdjustedToUTC: false), "00:00:01.000"),
    (.float(0.1), .float, "0.1"), (.unsigned(7), .unsigned(bits: 8), "7"), (.double(1), .string, "null"),
  ])
  func scalarsAsText(_ value: Scalar, type: DataType, expected: String) {
    #expect(value.text(type: type) == expected)
  }

  @Test(arguments: [
    ("2024-02-29", DataType.date, Scalar.int(19_782)), ("12", .int(bits: 32), .int(12)),
    ("true", .boolean, .boolean(true)),
    ("1.5", .double, .double(1.5)), ("x", .string, .bytes([0x78])),
  ])
  func partitionTexts(_ text: String, type: DataType, expected: Scalar) {
    #expect(Scalar(partitionText: text, type: type) == expected)
  }

  @Test(arguments: [
    ("2023-02-29", DataType.date), ("2024-1-1", .date), ("x", .int(bits: 64)), ("maybe", .boolean), ("", .double),
    ("99999999999999999999", .int(bits: 64)), ("+024-01-01", .date),
  ])
  func partitionTextsThatAreNone(_ text: String, type: DataType) {
    #expect(Scalar(partitionText: text, type: type) == nil)
  }
}
