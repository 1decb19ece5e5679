import Columnar
import Delta
import FoundationEssentials
import Parquet
public import Storage

/// The stores of a landed table and of its dead letters; each is rooted at its table.
public struct TableStores: Sendable {
  /// The rows.
  public var rows: any FileStore
  /// The records that could not become rows.
  public var deadLetters: any FileStore

  /// Makes the pair.
  public init(rows: any FileStore, deadLetters: any FileStore) {
    self.rows = rows
    self.deadLetters = deadLetters
  }
}

/// A landed table and its dead letters, opened.
struct LandingTables: Sendable {
  var rows: DeltaTable
  var deadLetters: DeltaTable

  /// Opens both, and creates what is missing.
  static func open(_ stores: TableStores, layout: TableLayout, engine: String) async throws(DeltaError) -> LandingTables
  {
    LandingTables(
      rows: try await .openOrCreate(
        store: stores.rows, schema: layout.tableSchema, partitionColumns: [TableLayout.dateField.name], engine: engine),
      deadLetters: try await .openOrCreate(
        store: stores.deadLetters, schema: TableLayout.deadLetterSchema, partitionColumns: [], engine: engine))
  }

  mutating func refresh() async throws(DeltaError) {
    try await rows.refresh()
    try await deadLetters.refresh()
  }

  /// The next offset to land of a partition, or `nil` where nothing of it landed yet.
  func watermark(_ source: TopicSource, _ partition: Int32) -> Int64? {
    rows.snapshot.transactions[source.watermarkID(partition)]?.version
  }

  /// The offsets of dead letters of a partition that are kept already, at or above a watermark: what a commit of dead
  /// letters left whose commit of rows never came.
  func deadLetterOffsets(
    _ source: TopicSource, partition: Int32, from watermark: Int64
  ) async throws(LandingError) -> Set<Int64> {
    var offsets: Set<Int64> = []
    for file in deadLetters.snapshot.files {
      guard let (fileSource, range) = RangeTags.parse(file), fileSource == source, range.partition == partition,
        range.next > watermark
      else { continue }
      for offset in try await FileReading.offsets(of: file, in: deadLetters) where offset >= watermark {
        offsets.insert(offset)
      }
    }
    return offsets
  }
}

/// Reads landed files back.
enum FileReading {
  static func open(_ file: AddFile, in table: DeltaTable) async throws(LandingError) -> ParquetFile {
    guard let path = PathText.decode(file.path) else {
      throw LandingError(.file, "\(table.store.root): the log names a file outside the table")
    }
    do {
      return try await ParquetFile.open(try await table.store.open(path))
    } catch let error as StorageError {
      throw LandingError(DeltaError(error))
    } catch let error as ParquetError {
      throw LandingError(error)
    } catch {
      throw LandingError(.file, "\(table.store.root)/\(path): \(error)")
    }
  }

  /// The values of `_kafka_offset` in a file.
  static func offsets(of file: AddFile, in table: DeltaTable) async throws(LandingError) -> [Int64] {
    let parquet = try await open(file, in: table)
    guard let column = parquet.metadata.schema.index(of: "_kafka_offset") else {
      throw LandingError(.file, "\(table.store.root)/\(file.path): the file has no column _kafka_offset")
    }
    var offsets: [Int64] = []
    for rowGroup in parquet.metadata.rowGroups.indices {
      do throws(ParquetError) {
        let batch = try await parquet.read(rowGroup: rowGroup, columns: [column])
        guard case .int64(let values) = batch.columns.first?.values else { continue }
        offsets += values
      } catch {
        throw LandingError(error)
      }
    }
    return offsets
  }
}

/// The wall clock, for time stamps and event times; waiting is measured by `ContinuousClock`.
enum WallClock {
  /// Milliseconds since 1970-01-01 UTC.
  static func milliseconds() -> Int64 { Int64((Date().timeIntervalSince1970 * 1000).rounded(.down)) }
}
