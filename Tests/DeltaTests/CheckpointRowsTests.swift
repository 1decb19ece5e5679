import Columnar
import Testing

@testable import Delta

@Suite("Checkpoint rows")
struct CheckpointRowsTests {
  private let actions: [Action] = [
    .tableProtocol(
      TableProtocol(
        minReaderVersion: 3, minWriterVersion: 7, readerFeatures: ["timestampNtz"], writerFeatures: ["timestampNtz"])),
    .metadata(
      TableMetadata(
        id: "i", name: "n", description: "ä\u{0}", schemaString: #"{"type":"struct","fields":[]}"#,
        partitionColumns: [],
        configuration: ["b": "2", "a": ""], createdTime: 7)),
    .transaction(Transaction(appId: "x", version: .max, lastUpdated: nil)),
    .transaction(Transaction(appId: "y", version: -1, lastUpdated: 3)),
    .add(TableFixture.file("f1")), .add(TableFixture.file("f2", day: 2)),
    .add(AddFile(path: "n", partitionValues: ["date": nil], size: 0, modificationTime: 0, dataChange: false)),
    .remove(RemoveFile(TableFixture.file("f3"), at: 11)), .remove(RemoveFile(path: "o", deletionTimestamp: nil)),
  ]

  private func snapshot(_ actions: [Action]) -> Snapshot {
    var snapshot = Snapshot(root: "t")
    for action in actions { snapshot.take(action) }
    return snapshot
  }

  @Test("all actions come back from their columns")
  func roundTrip() throws {
    var read = Snapshot(root: "t")
    var decoder = CheckpointDecoder(root: "t")
    #expect(try decoder.take(CheckpointEncoder.batch(actions[...]), into: &read))
    let expected = snapshot(actions)
    #expect(read.tableProtocol == expected.tableProtocol)
    #expect(read.metadata == expected.metadata)
    #expect(read.transactions == expected.transactions)
    #expect(read.filesByPath == expected.filesByPath)
    #expect(read.removedByPath == expected.removedByPath)
  }

  @Test("Spark's order of columns")
  func order() {
    #expect(CheckpointSchema.schema.fields.map(\.name) == ["txn", "add", "remove", "metaData", "protocol"])
  }

  @Test("tombstones go when their time is over, marks of progress never do")
  func expiry() {
    let week: Int64 = 7 * 86_400_000
    let kept = snapshot(actions).checkpointActions(at: 11 + week - 1)
    let later = snapshot(actions).checkpointActions(at: 11 + week)
    func removes(_ actions: [Action]) -> [String] {
      actions.compactMap { if case .remove(let file) = $0 { file.path } else { nil } }
    }
    #expect(removes(kept) == ["date=2026-01-01/f3.parquet"])
    #expect(removes(later) == [])
    #expect(later.filter { if case .transaction = $0 { true } else { false } }.count == 2)
  }

  @Test("columns of a wrong shape are no checkpoint")
  func shape() throws {
    var read = Snapshot(root: "t")
    var decoder = CheckpointDecoder(root: "t")
    let batch = RecordBatch(
      schema: Schema([Field("add", .int(bits: 64))]), columns: [Column(type: .int(bits: 64), values: .int64([1]))])
    #expect(try decoder.take(batch, into: &read) == false)
  }

  @Test(
    "a checkpoint of the V2 kind under a classic name is refused by its feature",
    arguments: ["sidecar", "checkpointMetadata"])
  func secondKind(name: String) {
    var read = Snapshot(root: "t")
    var decoder = CheckpointDecoder(root: "t")
    let fields = [Field("version", .int(bits: 64))]
    let inner = Column(type: .int(bits: 64), values: .int64([1]))
    let batch = RecordBatch(
      schema: Schema([Field(name, .structure(fields))]),
      columns: [Column(type: .structure(fields), values: .structure([inner], count: 1))])
    let error = #expect(throws: DeltaError.self) { try decoder.take(batch, into: &read) }
    #expect(error?.message.contains("v2Checkpoint") == true)
  }
}
