import Columnar
import Foundation
import Parquet
import Storage
import Testing

@testable import Delta

/// The time of all that is written here.
private let milliseconds: Int64 = 1_767_312_000_000

/// The examples of the articles, compiled and run; each stands here line by line.
@Suite("Examples of the documentation")
struct DocumentationTests {
  /// A file with one row, as Parquet.
  private func parquet() throws -> (bytes: [UInt8], metadata: ParquetMetadata) {
    var writer = try ParquetWriter(schema: Schema([Field("heart_rate", .double)]))
    let column = Column(type: .double, values: .double([72]))
    try writer.write(RecordBatch(schema: writer.schema, columns: [column]))
    let metadata = try writer.finish()
    return (writer.takeOutput(), metadata)
  }

  @Test("writing, reading and keeping a table")
  func examples() async throws {
    let store = MemoryFileStore()
    store.setTime(milliseconds)
    let (bytes, metadata) = try parquet()
    var table = try await write(store, bytes, metadata)
    #expect(table.snapshot.version == 3)
    #expect(table.snapshot.schema.fields.map(\.name) == ["heart_rate", "date", "spo2"])
    try await read(store)
    table.maintainsLog = false
    try await table.writeCheckpoint()
    try await table.cleanUpLog()
    let report = try await table.vacuum(isDryRun: true)
    print("\(report.files.count) files with \(report.bytes) bytes would go")
    #expect(report.files.isEmpty)
  }

  private func write(
    _ store: MemoryFileStore, _ bytes: [UInt8], _ metadata: ParquetMetadata
  ) async throws -> DeltaTable {
    let schema = Schema([Field("heart_rate", .double), Field("date", .date)])
    var table = try await DeltaTable.openOrCreate(
      store: store, schema: schema, partitionColumns: ["date"], engine: "my-program 1.0")
    let path = "date=2026-01-02/part-0.parquet"
    _ = try await store.create(path, bytes)
    let file = AddFile(
      path: PathText.encode(path), partitionValues: ["date": "2026-01-02"], size: Int64(bytes.count),
      modificationTime: milliseconds, stats: FileStatistics.text(metadata))
    let request = CommitRequest(operation: "WRITE", engine: "my-program 1.0") { _ in [.add(file)] }
    let version = try await table.commit(request)
    #expect(version == 1)
    let (start, next) = (Int64(0), Int64(10))
    let marked = CommitRequest(operation: "STREAMING UPDATE", engine: "my-program 1.0") { snapshot in
      guard snapshot.transactions["my-stream"]?.version ?? 0 == start else { return nil }
      return [.add(file), .transaction(Transaction(appId: "my-stream", version: next, lastUpdated: milliseconds))]
    }
    #expect(try await table.commit(marked) == 2)
    #expect(try await table.commit(marked) == nil)
    let wider = Schema([Field("heart_rate", .double), Field("spo2", .double), Field("date", .date)])
    let widening = CommitRequest(operation: "WRITE", engine: "my-program 1.0") { snapshot throws(DeltaError) in
      let change = try snapshot.metadata(joining: wider).map { [Action.metadata($0)] } ?? []
      return change + [.add(file)]
    }
    try await table.commit(widening)
    return table
  }

  private func read(_ store: MemoryFileStore) async throws {
    let table = try await DeltaTable.open(store: store)
    print("version \(table.snapshot.version) has \(table.snapshot.files.count) files")
    for file in table.snapshot.files {
      guard let path = PathText.decode(file.path) else { continue }
      let parquet = try await ParquetFile.open(try await store.open(path))
      let day = try table.snapshot.partitionValue("date", of: file)
      print("\(parquet.metadata.rowCount) rows of day \(day)")
      #expect(parquet.metadata.rowCount == 1 && day == .int(20_455))
    }
    let first = try await DeltaTable.open(store: store, at: .version(0))
    let yesterday = try await DeltaTable.open(store: store, at: .timestamp(milliseconds))
    #expect(first.snapshot.files.isEmpty && yesterday.snapshot.version == 0)
  }

  @Test("the landing page: make a table, add rows, read them")
  func landingPage() async throws {
    let store = MemoryFileStore()
    var lines: [String] = []
    func print(_ items: Any...) { lines.append(items.map { "\($0)" }.joined(separator: " ")) }
    let batch = RecordBatch(["patient": Column(strings: ["P1", "P2"]), "pulse": Column(doubles: [72, nil])])
    var table = try await DeltaTable.openOrCreate(
      store: store, schema: batch.schema, partitionColumns: [], engine: "my-program 1.0")
    let version = try await table.append(batch, engine: "my-program 1.0")
    for file in table.snapshot.files {
      guard let path = PathText.decode(file.path) else { continue }
      let parquet = try await ParquetFile.open(try await table.store.open(path))
      for try await rows in parquet.batches() { print("version \(version):", rows.rowCount) }
    }
    #expect(lines == ["version 1: 2"])
  }
}
