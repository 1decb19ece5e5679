import Columnar
import Testing

@testable import Delta

@Suite("What a table may ask")
struct RefusalTests {
  private func snapshot(
    _ tableProtocol: TableProtocol, settings: [String: String] = [:], property: String? = nil
  ) throws -> Snapshot {
    let metadata = property.map { "{\"\($0)\":\"x\"}" } ?? "{}"
    let text = #"{"type":"struct","fields":[{"name":"a","type":"long","nullable":true,"metadata":\#(metadata)}]}"#
    var snapshot = Snapshot(root: "t")
    try snapshot.apply(
      [
        .tableProtocol(tableProtocol),
        .metadata(
          TableMetadata(id: "i", schemaString: text, partitionColumns: [], configuration: settings, createdTime: nil)),
      ], version: 0)
    return snapshot
  }

  @Test(
    "readers refuse what they do not know",
    arguments: [
      TableProtocol(minReaderVersion: 4, minWriterVersion: 7),
      TableProtocol(minReaderVersion: 3, minWriterVersion: 7, readerFeatures: ["deletionVectors"]),
      TableProtocol(minReaderVersion: 3, minWriterVersion: 7, readerFeatures: ["columnMapping"]),
      TableProtocol(minReaderVersion: 3, minWriterVersion: 7, readerFeatures: ["v2Checkpoint"]),
    ])
  func reader(tableProtocol: TableProtocol) {
    let error = #expect(throws: DeltaError.self) { try snapshot(tableProtocol) }
    #expect(error?.code == .notSupported)
  }

  @Test("column mapping in the settings is refused for readers too")
  func mapping() {
    #expect(throws: DeltaError.self) { try snapshot(TableProtocol(), settings: ["delta.columnMapping.mode": "name"]) }
  }

  @Test(
    "writers refuse what they do not do",
    arguments: [
      (TableProtocol(minWriterVersion: 3), [:], nil),
      (TableProtocol(minReaderVersion: 1, minWriterVersion: 7, writerFeatures: ["changeDataFeed"]), [:], nil),
      (TableProtocol(), ["delta.setTransactionRetentionDuration": "interval 7 days"], nil),
      (TableProtocol(), ["delta.constraints.c": "a > 0"], nil),
      (TableProtocol(), [:], "delta.invariants"),
      (TableProtocol(), [:], "delta.generationExpression"),
    ] as [(TableProtocol, [String: String], String?)])
  func writer(tableProtocol: TableProtocol, settings: [String: String], property: String?) throws {
    let snapshot = try snapshot(tableProtocol, settings: settings, property: property)
    let error = #expect(throws: DeltaError.self) { try snapshot.checkWritable() }
    #expect(error?.code == .notSupported)
  }

  @Test("plain tables are for everyone")
  func plain() throws {
    try snapshot(TableProtocol(), settings: ["delta.appendOnly": "true"]).checkWritable()
    try snapshot(TableProtocol(minReaderVersion: 1, minWriterVersion: 7, writerFeatures: ["appendOnly"]))
      .checkWritable()
  }
}
