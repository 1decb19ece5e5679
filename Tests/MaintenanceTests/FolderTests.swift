import Columnar
import Delta
import Parquet
import Storage
import Testing

@testable import Maintenance

@Suite("Folders without a log")
struct FolderTests {
  private let source = MemoryFileStore(root: "old")
  private let target = MemoryFileStore(root: "new")

  private func put(_ path: String, _ columns: [(Field, ColumnValues)]) async throws {
    let schema = Schema(columns.map { $0.0 })
    var writer = try ParquetWriter(schema: schema)
    try writer.write(RecordBatch(schema: schema, columns: columns.map { Column(type: $0.0.type, values: $0.1) }))
    _ = try writer.finish()
    _ = try await source.create(path, writer.takeOutput())
  }

  private func number(_ values: [Int64]) -> (Field, ColumnValues) { (Field("n", .int(bits: 64)), .int64(values)) }

  private func numbers(in store: any FileStore, _ paths: [String]) async throws -> [Int64] {
    var numbers: [Int64] = []
    for path in paths {
      let parquet = try await ParquetFile.open(try await store.open(path))
      for group in parquet.metadata.rowGroups.indices {
        let batch = try await parquet.read(
          rowGroup: group, columns: [try #require(parquet.metadata.schema.index(of: "n"))])
        if case .int64(let values)? = batch.columns.first?.values.withoutDictionary() { numbers += values }
      }
    }
    return numbers
  }

  @Test(
    "what the names of folders say",
    arguments: [
      (["date=2026-01-02/a", "date=2026-02-03/b"], DataType.date), (["date=7/a", "date=-8/b"], .int(bits: 64)),
      (["date=007/a", "date=8/b"], .string), (["date=2026-13-02/a"], .string),
      (["date=__HIVE_DEFAULT_PARTITION__/a", "date=5/b"], .int(bits: 64)), (["date=a%20b/c"], .string),
    ])
  func folders(paths: [String], type: DataType) throws {
    let folders = try Folders(paths, root: "old")
    #expect(folders.fields == [Field("date", type)])
    #expect(folders.values.count == paths.count)
    if type == .string, paths.count == 1, paths[0].contains("%") { #expect(folders.values[0] == ["date": "a b"]) }
  }

  @Test("folders that name other columns are refused")
  func mixedFolders() {
    #expect(throws: MaintenanceError.self) { try Folders(["a=1/x", "b=1/x"], root: "old") }
    #expect(throws: MaintenanceError.self) { try Folders(["a=1/x", "x"], root: "old") }
    #expect(throws: MaintenanceError.self) { try Folders(["a=1/a=2/x"], root: "old") }
  }

  @Test("a table is made in place, in one step, of files whose columns need not be the same")
  func convert() async throws {
    try await put("hour=1/a.parquet", [number([1, 2])])
    try await put("hour=2/b.parquet", [number([3]), (Field("x", .double), .double([0.5]))])
    _ = try await source.create("hour=2/notes.txt", [1])
    _ = try await source.create("_temporary/c.parquet", [1])
    #expect(try await FolderCompaction.convert(source, engine: "test", isDryRun: true) == 2)
    #expect(try await DeltaTable.openIfPresent(store: source) == nil)
    #expect(try await FolderCompaction.convert(source, engine: "test") == 2)
    let snapshot = try await DeltaTable.open(store: source).snapshot
    #expect(snapshot.version == 0 && snapshot.schema.fields.map(\.name) == ["n", "x", "hour"])
    #expect(snapshot.files.map(\.partitionValues) == [["hour": "1"], ["hour": "2"]])
    let report = try await TableCheck(store: source).run()
    #expect(report.isWhole && report.rows == 3)
    let again = await #expect(throws: MaintenanceError.self) {
      try await FolderCompaction.convert(source, engine: "test")
    }
    #expect(again?.code == .refused)
  }

  @Test("into a new folder: small files together and sorted, large and lonely ones as they are, the old ones untouched")
  func intoNewFolder() async throws {
    try await put("hour=1/a.parquet", [number([5, 3])])
    try await put("hour=1/b.parquet", [number([4, 1])])
    try await put("hour=2/c.parquet", [number([9, 8])])
    var options = TableFixture.options
    options.order = RowOrder(["n"])
    let before = try await source.list("hour=1")
    let report = try await FolderCompaction.run(from: source, into: target, options: options)
    #expect(report.groups.map(\.filesBefore) == [2] && report.copied == 1)
    #expect(try await source.list("hour=1") == before)
    #expect(try await source.list("").map(\.path) == ["hour=1", "hour=2"])
    let made = try await target.list("hour=1").map(\.path)
    #expect(made.count == 1)
    #expect(try await target.list("").map(\.path) == ["hour=1", "hour=2"])
    #expect(try await numbers(in: target, made) == [1, 3, 4, 5])
    #expect(try await numbers(in: target, ["hour=2/c.parquet"]) == [9, 8])
    let again = await #expect(throws: MaintenanceError.self) {
      try await FolderCompaction.run(from: source, into: target, options: options)
    }
    #expect(again?.code == .refused)
  }

  @Test("a Delta table can be compacted into a folder as well, as it is at its newest version")
  func tableIntoFolder() async throws {
    let fixture = TableFixture(source)
    for start in stride(from: Int64(0), to: 30, by: 10) { try await fixture.append(start..<start + 10) }
    _ = try await RowRemoval(store: source, condition: "_kafka_offset >= 20", options: TableFixture.options).run()
    let version = try await fixture.open().snapshot.version
    let report = try await FolderCompaction.run(from: source, into: target, options: TableFixture.options)
    #expect(report.groups.map(\.rows) == [20])
    #expect(try await fixture.open().snapshot.version == version)
    #expect(try await target.list("").map(\.path) == ["date=2026-01-01"])
  }

  @Test("times in milliseconds become microseconds in new files; a table in place is refused")
  func milliseconds() async throws {
    let field = Field("t", .timestamp(unit: .milliseconds, isAdjustedToUTC: true))
    try await put("a.parquet", [(field, .int64([2, 1]))])
    try await put("b.parquet", [(field, .int64([3]))])
    let refused = await #expect(throws: MaintenanceError.self) {
      try await FolderCompaction.convert(source, engine: "test")
    }
    #expect(refused?.code == .refused && refused?.message.contains("milliseconds") == true)
    var options = TableFixture.options
    options.order = RowOrder(["t"])
    _ = try await FolderCompaction.run(from: source, into: target, options: options)
    let path = try #require(try await target.list("").first?.path)
    let parquet = try await ParquetFile.open(try await target.open(path))
    #expect(parquet.metadata.schema.fields.map(\.type) == [.timestamp(unit: .microseconds, isAdjustedToUTC: true)])
    let values = try await parquet.read(rowGroup: 0).columns.first?.values.withoutDictionary()
    #expect(values == .int64([1_000, 2_000, 3_000]))
  }

  @Test("a time too far away, a type that a table has not, files that differ, and an empty folder are refused")
  func refused() async throws {
    let empty = await #expect(throws: MaintenanceError.self) {
      try await FolderCompaction.convert(source, engine: "test")
    }
    #expect(empty?.code == .refused)
    var column = Column(
      type: .timestamp(unit: .milliseconds, isAdjustedToUTC: true), values: .int64([.max / 1_000 + 1]))
    #expect(throws: MaintenanceError.self) {
      try column.widen(to: .timestamp(unit: .microseconds, isAdjustedToUTC: true), name: "t")
    }
    #expect(DataType.timestamp(unit: .nanoseconds, isAdjustedToUTC: true).inTable == nil)
    #expect(DataType.unsigned(bits: 32).inTable == nil && DataType.json.inTable == .string)
    try await put("a.parquet", [number([1])])
    try await put("b.parquet", [(Field("n", .double), .double([1]))])
    await #expect(throws: MaintenanceError.self) { try await FolderCompaction.convert(source, engine: "test") }
  }
}
