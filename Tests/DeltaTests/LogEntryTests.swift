import Columnar
import Testing

@testable import Delta

@Suite("Log entries")
struct LogEntryTests {
  @Test("every action survives a round trip")
  func roundTrip() throws {
    let add = AddFile(
      path: "date=2026-01-02/a%20b.parquet", partitionValues: ["date": "2026-01-02", "hour": nil], size: 9,
      modificationTime: 5, stats: #"{"numRecords":4}"#, tags: ["kafka.partition": "3"])
    let actions: [Action] = [
      .commitInfo(
        CommitInfo(timestamp: 1, operation: "WRITE", isBlindAppend: true, engineInfo: "test", txnId: "token")),
      .tableProtocol(TableProtocol()),
      .metadata(
        TableMetadata(
          id: "id", schemaString: "{}", partitionColumns: ["date"], configuration: ["a": "b"], createdTime: 7)),
      .transaction(Transaction(appId: "app/1", version: 12, lastUpdated: 8)),
      .add(add),
      .remove(RemoveFile(add, at: 11)),
    ]
    let bytes = try LogEntry.encode(actions)
    #expect(bytes.split(separator: UInt8(ascii: "\n")).count == actions.count)
    #expect(try LogEntry.decode(bytes, path: "entry") == actions)
  }

  @Test("an entry of another writer is read, with what we do not know passed over")
  func foreignEntry() throws {
    let text = """
      {"commitInfo":{"timestamp":1,"operation":"WRITE","operationParameters":{"mode":"Append","n":3},"client":"x"}}
      {"domainMetadata":{"domain":"d","configuration":"","removed":false}}

      {"add":{"path":"p.parquet","partitionValues":{},"size":1,"modificationTime":2,"dataChange":true,"stats":null,\
      "tags":null,"deletionVector":null}}
      """
    let actions = try LogEntry.decode(Array(text.utf8), path: "entry")
    #expect(actions.count == 2)
    #expect(actions.last == .add(AddFile(path: "p.parquet", partitionValues: [:], size: 1, modificationTime: 2)))
  }

  @Test("a damaged line is named", arguments: ["{", "[]", "x", #"{"add":{"path":3}}"#, #"{"txn":{"appId":"a"}}"#])
  func damaged(line: String) {
    let error = #expect(throws: DeltaError.self) { try LogEntry.decode(Array("{}\n\(line)\n".utf8), path: "f.json") }
    #expect(error?.code == .malformedLog)
    #expect(error?.message.contains("line 2") == true)
  }

  @Test(
    "file names stand for versions",
    arguments: [
      ("00000000000000000010.json", 10), ("00000000000000000010.checkpoint.parquet", nil), ("10.json", nil),
      ("0000000000000000001x.json", nil), (".00000000000000000010.json", nil), ("99999999999999999999.json", nil),
    ] as [(String, Int64?)])
  func versions(name: String, version: Int64?) {
    #expect(LogEntry.version(ofName: name) == version)
  }

  @Test("a version's path is its twenty digits")
  func path() {
    #expect(LogEntry.path(42) == "_delta_log/00000000000000000042.json")
  }
}

@Suite("Schema text")
struct SchemaTextTests {
  @Test("our types survive a round trip")
  func roundTrip() throws {
    let schema = Schema([
      Field("a", .boolean), Field("b", .int(bits: 8)), Field("c", .int(bits: 16)), Field("d", .int(bits: 32)),
      Field("e", .int(bits: 64), isNullable: false), Field("f", .float), Field("g", .double),
      Field("h", .decimal(precision: 10, scale: 2)), Field("i", .date),
      Field("j", .timestamp(unit: .microseconds, isAdjustedToUTC: true)), Field("k \"quoted\"", .string),
      Field("l", .binary),
    ])
    #expect(try SchemaText.decode(try SchemaText.encode(schema), path: "t").schema == schema)
  }

  @Test("a nested column is refused by name, not misread")
  func nested() {
    let text = #"{"type":"struct","fields":[{"name":"m","type":{"type":"map"},"nullable":true,"metadata":{}}]}"#
    let error = #expect(throws: DeltaError.self) { try SchemaText.decode(text, path: "t") }
    #expect(error?.code == .notSupported)
    #expect(error?.message.contains("column m") == true)
  }

  @Test("column properties are seen, whatever they hold")
  func properties() throws {
    let text = """
      {"type":"struct","fields":[{"name":"a","type":"long","nullable":true,
      "metadata":{"delta.invariants":"x","n":{"deep":[1]}}}]}
      """
    #expect(try SchemaText.decode(text, path: "t").properties == ["delta.invariants", "n"])
  }

  @Test("a type that Delta lacks is refused when a table is made")
  func unsupported() {
    #expect(throws: DeltaError.self) { try SchemaText.encode(Schema([Field("u", .uuid)])) }
  }
}

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
}

@Suite("File statistics")
struct FileStatisticsTests {
  @Test(
    "bounds are given exactly or not at all",
    arguments: [
      (.int(bits: 64), .int(-3), "-3"), (.double, .double(36.6), "36.6"), (.double, .double(.infinity), nil),
      (.date, .int(20_454), "\"2026-01-01\""), (.string, .bytes(Array("a\"b".utf8)), #""a\"b""#),
      (.string, .bytes([0xFF]), nil), (.string, .bytes(Array(repeating: 65, count: 65)), nil),
      (
        .timestamp(unit: .microseconds, isAdjustedToUTC: true), .int(1_767_323_045_123_999),
        "\"2026-01-02T03:04:05.123Z\""
      ),
      (.timestamp(unit: .microseconds, isAdjustedToUTC: true), .int(-1), "\"1969-12-31T23:59:59.999Z\""),
      (.binary, .bytes([1]), nil),
    ] as [(DataType, Scalar, String?)])
  func bounds(type: DataType, value: Scalar, text: String?) {
    #expect(FileStatistics.json(value, type: type, isUpper: true) == text)
  }
}
