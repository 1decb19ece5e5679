import Columnar
import Delta
import Foundation
import Parquet
import Storage

@testable import Landing
@testable import Maintenance

/// A row of a landed table.
struct Reading: Hashable, Comparable {
  var patient: String?
  var time: Int64
  var rate: Double?
  var partition: Int32
  var offset: Int64

  static func < (a: Reading, b: Reading) -> Bool {
    // Rows without a value come last.
    if (a.patient == nil) != (b.patient == nil) { return b.patient == nil }
    if a.patient != b.patient { return a.patient ?? "" < b.patient ?? "" }
    return a.time < b.time
  }
}

/// A landed table in a store, one file an append, as a sink leaves it.
struct TableFixture: Sendable {
  static let topic = TopicSource(topic: "vitals")
  static let start: Int64 = 1_767_312_000_000_000

  static let schema = Schema(
    [Field("patient_id", .string), Field("event_time", microseconds), Field("heart_rate", .double)]
      + TableLayout.originFields.map { Field($0.name, $0.type) } + [Field("date", .date)])
  private static let microseconds = DataType.timestamp(unit: .microseconds, isAdjustedToUTC: true)

  let store: any FileStore

  init(_ store: any FileStore = MemoryFileStore()) { self.store = store }

  func open() async throws -> DeltaTable {
    try await .openOrCreate(
      store: store, schema: Self.schema, partitionColumns: ["date"], engine: "test",
      configuration: ["delta.checkpointInterval": "10"])
  }

  /// The rows of the offsets of a partition; every seventh has no patient and every fifth no rate.
  static func readings(_ offsets: Range<Int64>, partition: Int32 = 0) -> [Reading] {
    offsets.map { offset in
      let number = offset &* 7_919 % 1_000_003
      return Reading(
        patient: offset % 7 == 0 ? nil : "P\(number % 23)", time: start + number * 1_000,
        rate: offset % 5 == 0 ? nil : 60 + Double(number % 50), partition: partition, offset: offset)
    }
  }

  static func batch(_ rows: [Reading], _ fields: [Field]? = nil) -> RecordBatch {
    var texts = ByteStrings()
    for row in rows { texts.append((row.patient ?? "").utf8) }
    let columns: [String: Column] = [
      "patient_id": Column(
        type: .string, values: .bytes(texts), validity: Bitmap(rows.map { $0.patient != nil })),
      "event_time": Column(type: microseconds, values: .int64(rows.map(\.time))),
      "heart_rate": Column(
        type: .double, values: .double(rows.map { $0.rate ?? 0 }), validity: Bitmap(rows.map { $0.rate != nil })),
      "_kafka_partition": Column(type: .int(bits: 32), values: .int32(rows.map(\.partition))),
      "_kafka_offset": Column(type: .int(bits: 64), values: .int64(rows.map(\.offset))),
      "_kafka_timestamp": Column(type: microseconds, values: .int64(rows.map(\.time))),
      "_kafka_incarnation": Column(type: .int(bits: 32), values: .int32(rows.map { _ in 0 })),
    ]
    let schema = Schema(fields ?? Array(schema.fields.dropLast()))
    return RecordBatch(schema: schema, columns: schema.fields.compactMap { columns[$0.name] }, rowCount: rows.count)
  }

  /// Lands rows as a sink does: one file, its marks, and the watermark.
  @discardableResult
  func append(
    _ offsets: Range<Int64>, partition: Int32 = 0, day: Int = 1, fields: [Field]? = nil,
    of topic: TopicSource = Self.topic
  ) async throws -> AddFile {
    let rows = Self.readings(offsets, partition: partition)
    let batch = Self.batch(rows, fields)
    var writer = try ParquetWriter(schema: batch.schema)
    try writer.write(batch)
    let metadata = try writer.finish()
    let bytes = writer.takeOutput()
    let path =
      "date=2026-01-0\(day)/\(topic.topic)-\(partition)-\(String(format: "%020d", Int(offsets.lowerBound))).parquet"
    _ = try await store.create(path, bytes)
    let range = OffsetRange(partition: partition, start: offsets.lowerBound, next: offsets.upperBound)
    let file = AddFile(
      path: path, partitionValues: ["date": "2026-01-0\(day)"], size: Int64(bytes.count), modificationTime: 1,
      stats: FileStatistics.text(metadata),
      tags: RangeTags.tags(
        source: topic, range: range,
        last: RecordMark(offset: offsets.upperBound - 1, timestampMillis: offsets.upperBound)))
    var table = try await open()
    let mark = Transaction(appId: topic.watermarkID(partition), version: range.next, lastUpdated: 1)
    try await table.commit(
      CommitRequest(operation: "STREAMING UPDATE", engine: "test") { _ in [.transaction(mark), .add(file)] })
    return file
  }

  /// All rows of the newest version or an older one, file by file in the order of their paths.
  func rows(_ version: TableVersion = .newest) async throws -> [Reading] {
    let table = try await DeltaTable.open(store: store, at: version)
    var rows: [Reading] = []
    for file in table.snapshot.files { rows += try await self.rows(of: file) }
    return rows
  }

  func rows(of file: AddFile) async throws -> [Reading] {
    let parquet = try await ParquetFile.open(try await store.open(file.path))
    var rows: [Reading] = []
    for group in parquet.metadata.rowGroups.indices {
      let batch = try await parquet.read(rowGroup: group)
      for row in 0..<batch.rowCount { rows.append(Self.reading(batch, row)) }
    }
    return rows
  }

  private static func reading(_ batch: RecordBatch, _ row: Int) -> Reading {
    func integer(_ name: String) -> Int64 {
      if case .int(let number)? = batch.column(name)?.scalar(at: row) { number } else { -1 }
    }
    var reading = Reading(
      patient: nil, time: integer("event_time"), rate: nil, partition: Int32(integer("_kafka_partition")),
      offset: integer("_kafka_offset"))
    if case .bytes(let text)? = batch.column("patient_id")?.scalar(at: row) {
      reading.patient = String(decoding: text, as: UTF8.self)
    }
    if case .double(let rate)? = batch.column("heart_rate")?.scalar(at: row) { reading.rate = rate }
    return reading
  }

  /// Takes all files out of the table, at a time in milliseconds since 1970-01-01 UTC.
  func remove(at time: Int64) async throws {
    var table = try await open()
    let files = table.snapshot.files
    try await table.commit(
      CommitRequest(operation: "DELETE", engine: "test", isBlindAppend: false) { _ in
        files.map { .remove(RemoveFile($0, at: time)) }
      })
  }

  /// Puts the last files of those that left the table into it again.
  func bringBack(last count: Int) async throws {
    var table = try await open()
    let older = try await DeltaTable.open(store: store, at: .version(table.snapshot.version - 1)).snapshot.files
    try await table.commit(
      CommitRequest(operation: "RESTORE", engine: "test") { _ in older.suffix(count).map { .add($0) } })
  }

  /// Options under which files that stand alone are written anew as well.
  static var rewritingAll: CompactionOptions {
    var options = options
    options.rewritesAll = true
    return options
  }

  /// Options for small tables.
  static var options: CompactionOptions {
    var options = CompactionOptions(engine: "test")
    options.scratchDirectory = NSTemporaryDirectory()
    return options
  }
}

extension [Reading] {
  /// Where the rows came from, sorted; a row that is there twice shows twice.
  var origins: [[Int64]] {
    map { [Int64($0.partition), $0.offset] }.sorted { $0.lexicographicallyPrecedes($1) }
  }

  /// The rows in the order of where they came from.
  var byOrigin: [Reading] { sorted { ($0.partition, $0.offset) < ($1.partition, $1.offset) } }
}
