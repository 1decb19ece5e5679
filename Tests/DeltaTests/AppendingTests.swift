import Columnar
import Parquet
import Storage
import Testing

@testable import Delta

/// Rows that a program adds without keeping account.
@Suite struct AppendingTests {
  private let rows = RecordBatch(["pulse": Column(doubles: [72, nil])])

  private func table(_ store: MemoryFileStore, _ schema: Schema? = nil) async throws -> DeltaTable {
    let fields = [Field("pulse", .double), Field("ward", .string), Field("date", .date)]
    return try await DeltaTable.openOrCreate(
      store: store, schema: schema ?? Schema(fields), partitionColumns: ["ward", "date"], engine: "test")
  }

  private func refusal(_ body: () async throws -> Void) async -> DeltaError? {
    do {
      try await body()
      return nil
    } catch {
      return error as? DeltaError
    }
  }

  @Test("a partition's values stand in the log as they are, and in the folder's name escaped")
  func partitions() async throws {
    let store = MemoryFileStore()
    var table = try await table(store)
    let first = try await table.append(rows, partition: ["ward": "A/1=x %", "date": "2026-01-02"], engine: "test")
    let second = try await table.append(rows, partition: ["ward": nil, "date": "2026-01-02"], engine: "test")
    #expect(first == 1 && second == 2)
    let files = table.snapshot.files.sorted { $0.path < $1.path }
    #expect(files.map { $0.partitionValues["ward"] ?? nil } == ["A/1=x %", nil])
    for file in files {
      let path = try #require(PathText.decode(file.path))
      #expect(path.split(separator: "/").count == 3)
      #expect(path.hasPrefix(file.partitionValues["ward"] == "A/1=x %" ? "ward=A%2F1%3Dx%20%25/" : "ward=__HIVE_"))
      #expect(try await store.status(path)?.size == file.size)
      #expect(file.stats?.contains(#""numRecords":2"#) == true)
    }
  }

  @Test("rows that are none of the table's are refused, and nothing is written")
  func refusals() async throws {
    let store = MemoryFileStore()
    var table = try await table(
      store,
      Schema([
        Field("pulse", .double), Field("id", .int(bits: 64), isNullable: false), Field("ward", .string),
        Field("date", .date),
      ]))
    let whole = ["ward": "A", "date": "2026-01-02"] as [String: String?]
    let id = Column(integers: [1, 2])
    let cases: [(RecordBatch, [String: String?], String)] = [
      (RecordBatch(["id": id]), ["ward": "A"], "a value is needed for each partition column"),
      (RecordBatch(["id": id]), ["ward": "A", "date": "yesterday"], "none of its type"),
      (RecordBatch(["id": id, "ward": Column(strings: ["A", "A"])]), whole, "stores no column ward in its files"),
      (RecordBatch(["id": id, "spo2": id]), whole, "stores no column spo2 in its files"),
      (RecordBatch(["id": id, "pulse": id]), whole, "the column pulse has another type"),
      (RecordBatch(["id": Column(integers: [1, nil])]), whole, "the column id must have a value"),
      (rows, whole, "the column id must have a value"),
    ]
    for (batch, partition, message) in cases {
      let error = await refusal { try await table.append(batch, partition: partition, engine: "test") }
      #expect(error?.code == .forbidden && error?.message.contains(message) == true, "\(message): \(error as Any)")
    }
    #expect(table.snapshot.version == 0)
    #expect(try await store.list("").map(\.path) == ["_delta_log"])
    try await table.append(RecordBatch(["id": id]), partition: whole, engine: "test")
    #expect(table.snapshot.files.count == 1)
  }

  @Test("a writer that was first is respected")
  func race() async throws {
    let store = MemoryFileStore()
    var one = try await table(store)
    var other = try await DeltaTable.open(store: store)
    let partition = ["ward": "A", "date": "2026-01-02"] as [String: String?]
    #expect(try await one.append(rows, partition: partition, engine: "one") == 1)
    #expect(try await other.append(rows, partition: partition, engine: "other") == 2)
    #expect(other.snapshot.files.count == 2)
  }

  @Test("a store that fails leaves the table as it was")
  func failure() async throws {
    let store = MemoryFileStore()
    var table = try await table(store)
    store.failNext(.create, .refuse(.outOfSpace))
    let error = await refusal {
      try await table.append(rows, partition: ["ward": "A", "date": "2026-01-02"], engine: "test")
    }
    #expect(error?.storageCode == .outOfSpace && table.snapshot.version == 0)
  }
}
