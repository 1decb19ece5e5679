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
        CommitInfo(
          timestamp: 1, operation: "WRITE", operationParameters: ["mode": "Append"], isBlindAppend: true,
          engineInfo: "test", txnId: "token")),
      .tableProtocol(TableProtocol()),
      .metadata(
        TableMetadata(
          id: "id", schemaString: "{}", partitionColumns: ["date"], configuration: ["a": "b"], createdTime: 7)),
      .transaction(Transaction(appId: "app/1", version: 12, lastUpdated: 8)),
      .add(add),
      .remove(RemoveFile(add, at: 11)),
    ]
    let bytes = LogEntry.encode(actions)
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
    let found: Int64? = if case .entry(let version) = LogFileName(name) { version } else { nil }
    #expect(found == version)
  }

  @Test("a version's path is its twenty digits")
  func path() {
    #expect(LogEntry.path(42) == "_delta_log/00000000000000000042.json")
  }
}
