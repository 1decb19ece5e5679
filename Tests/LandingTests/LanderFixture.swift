import Columnar
import Delta
import Logging
import Parquet
import Storage
import Vitals

@testable import Landing

/// A table and a spool in memory, with the means to land readings and to see what came of it.
struct LanderFixture: Sendable {
  static let now: Int64 = 1_767_312_000_000  // 2026-01-02T00:00:00Z
  static let layout = TableLayout(record: VitalsSchema.bundled)

  let source = TopicSource(topic: "vitals")
  let rows = MemoryFileStore(root: "table")
  let letters = MemoryFileStore(root: "letters")
  let spoolRows = MemoryFileStore(root: "spool")
  let spoolLetters = MemoryFileStore(root: "spool-letters")
  let folder: TemporaryFolder
  var log: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }

  init() throws { folder = try TemporaryFolder() }

  var isTableAway: Bool {
    get { rows.isUnavailable }
    nonmutating set {
      rows.isUnavailable = newValue
      letters.isUnavailable = newValue
    }
  }

  func configuration(hasSpool: Bool = true) -> SinkConfiguration {
    var configuration = SinkConfiguration(
      source: source, layout: Self.layout, table: TableStores(rows: rows, deadLetters: letters),
      spool: hasSpool
        ? SpoolPlace(stores: TableStores(rows: spoolRows, deadLetters: spoolLetters), directory: folder.path) : nil,
      engine: "test")
    configuration.outageAfter = .milliseconds(50)
    return configuration
  }

  func lander(hasSpool: Bool = true) -> Lander { Lander(configuration(hasSpool: hasSpool), log: log) }

  var drainer: SpoolDrainer {
    SpoolDrainer(
      spool: TableStores(rows: spoolRows, deadLetters: spoolLetters),
      table: TableStores(rows: rows, deadLetters: letters), engine: "test", log: log)
  }

  /// Readings at these offsets of a partition; every offset that is a multiple of ten is a bad record.
  func batch(_ offsets: Range<Int64>, partition: Int32 = 0) -> LandingBatch {
    var assembler = BatchAssembler(layout: Self.layout)
    assembler.open(partition: partition, at: offsets.lowerBound)
    for offset in offsets {
      let text =
        offset % 10 == 0
        ? "bad"
        : "{\"patient_id\":\"P\(offset % 3)\",\"event_time\":\(Self.now + offset),\"heart_rate\":\(60 + offset % 50)}"
      let bytes = Array(text.utf8)
      let reason = bytes.withUnsafeBytes {
        assembler.append($0, partition: partition, offset: offset, timestampMillis: Self.now, nowMillis: Self.now)
      }
      if let reason {
        assembler.append(
          DeadLetter(
            offset: offset, timestampMillis: Self.now, reason: reason, key: nil, value: bytes, headers: nil),
          partition: partition)
      }
    }
    return assembler.take()
  }

  /// The offsets of a partition in the table, sorted; repeated ones show twice.
  func landed(partition: Int32 = 0) async throws -> [Int64] { try await offsets(rows, partition) }

  /// The offsets of a partition in the dead-letter table.
  func deadLetters(partition: Int32 = 0) async throws -> [Int64] { try await offsets(letters, partition) }

  /// The offsets of a partition that wait in the spool.
  func spooled(partition: Int32 = 0) async throws -> [Int64] { try await offsets(spoolRows, partition) }

  func watermark(partition: Int32 = 0) async throws -> Int64? {
    try await DeltaTable.open(store: rows).snapshot.transactions[source.watermarkID(partition)]?.version
  }

  private func offsets(_ store: MemoryFileStore, _ partition: Int32) async throws -> [Int64] {
    guard let table = try await DeltaTable.openIfPresent(store: store) else { return [] }
    var offsets: [Int64] = []
    for file in table.snapshot.files where RangeTags.parse(file)?.range.partition == partition {
      let parquet = try await FileReading.open(file, in: table)
      for rowGroup in parquet.metadata.rowGroups.indices {
        let batch = try await parquet.read(rowGroup: rowGroup)
        if case .int64(let values)? = batch.column("_kafka_offset")?.values { offsets += values }
      }
    }
    return offsets.sorted()
  }

  /// The offsets below a bound that are rows, or that are dead letters.
  static func good(_ range: Range<Int64>) -> [Int64] { range.filter { $0 % 10 != 0 } }
  static func bad(_ range: Range<Int64>) -> [Int64] { range.filter { $0 % 10 == 0 } }
}
