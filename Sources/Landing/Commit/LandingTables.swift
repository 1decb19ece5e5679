import Columnar
import Delta
import FoundationEssentials
import Parquet
public import Storage
import Vitals

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
  /// How many fields the record had for which the table was last seen to have all columns.
  private var fitted = 0

  init(rows: DeltaTable, deadLetters: DeltaTable) {
    self.rows = rows
    self.deadLetters = deadLetters
  }

  /// Opens both, creates what is missing, and gives the table the columns that the layout has and it has not.
  static func open(_ stores: TableStores, layout: TableLayout, engine: String) async throws(DeltaError) -> LandingTables
  {
    var tables = LandingTables(
      rows: try await .openOrCreate(
        store: stores.rows, schema: layout.tableSchema, partitionColumns: layout.partitionFields.map(\.name),
        engine: engine),
      deadLetters: try await .openOrCreate(
        store: stores.deadLetters, schema: TableLayout.deadLetterSchema, partitionColumns: [], engine: engine))
    try await tables.fit(layout, engine: engine)
    return tables
  }

  /// Adds columns that are new in the layout, whatever another writer adds at the same time.
  mutating func fit(_ layout: TableLayout, engine: String) async throws(DeltaError) {
    try checkFolders(layout)
    try await rows.addColumns(of: layout.tableSchema, engine: engine)
    fitted = layout.record.fields.count
  }

  /// Adds the columns by which a batch's layout has grown since the tables were opened.
  mutating func fitGrown(_ layout: TableLayout, engine: String) async throws(LandingError) {
    guard layout.record.fields.count > fitted else { return }
    do { try await fit(layout, engine: engine) } catch { throw LandingError(error) }
  }

  private func checkFolders(_ layout: TableLayout) throws(DeltaError) {
    func list(_ names: [String]) -> String { names.isEmpty ? "nothing" : names.joined(separator: ",") }
    let (present, wanted) = (rows.snapshot.partitionColumns, layout.partitionFields.map(\.name))
    guard present != wanted else { return }
    throw DeltaError(
      .notSupported, path: rows.store.root,
      message: "the table is partitioned by \(list(present)), not by \(list(wanted)): give --partition-by as the table "
        + "has it, or another table")
  }

  mutating func refresh() async throws(DeltaError) {
    try await rows.refresh()
    try await deadLetters.refresh()
  }

  /// The next offset to land of a partition, or `nil` where nothing of it landed yet.
  func watermark(_ source: TopicSource, _ partition: Int32) -> Int64? {
    rows.snapshot.transactions[source.watermarkID(partition)]?.version
  }

  /// For each partition the landed record of the highest offset, as far as the files' marks tell.
  func lastLanded(_ source: TopicSource) -> [Int32: RecordMark] {
    var marks: [Int32: RecordMark] = [:]
    for file in rows.snapshot.filesByPath.values {
      for mark in RangeTags.marks(file) where mark.source == source {
        let partition = mark.range.partition
        if let last = mark.last, last.offset > marks[partition]?.offset ?? -1 { marks[partition] = last }
      }
    }
    return marks
  }

  /// Goes over to the next incarnation of a topic, unless another writer did so already.
  mutating func raiseIncarnation(of source: TopicSource, engine: String) async throws(DeltaError) {
    let request = CommitRequest(operation: "NEW INCARNATION", engine: engine, isBlindAppend: false) { snapshot in
      guard snapshot.incarnation(of: source.topic) == source.incarnation else { return nil }
      return Self.incarnation(source.incarnation + 1, of: source.topic, in: snapshot)
    }
    _ = try await rows.commit(request)
  }

  /// Notes in a spool which incarnation of a topic its table has come to.
  mutating func note(_ source: TopicSource, engine: String) async throws(DeltaError) {
    let request = CommitRequest(operation: "NEW INCARNATION", engine: engine, isBlindAppend: false) { snapshot in
      guard snapshot.incarnation(of: source.topic) < source.incarnation else { return nil }
      return Self.incarnation(source.incarnation, of: source.topic, in: snapshot)
    }
    _ = try await rows.commit(request)
  }

  private static func incarnation(_ number: Int32, of topic: String, in snapshot: Snapshot) -> [Action]? {
    guard var metadata = snapshot.metadata else { return nil }
    metadata.configuration[Snapshot.incarnationKey(topic)] = String(number)
    return [.metadata(metadata)]
  }

  /// The offsets of dead letters of a partition that are kept already, at or above a watermark: what a commit of dead
  /// letters left whose commit of rows never came.
  func deadLetterOffsets(
    _ source: TopicSource, partition: Int32, from watermark: Int64
  ) async throws(LandingError) -> Set<Int64> {
    try await deadLetters.deadLetterOffsets(source, partition: partition, from: watermark)
  }
}

extension DeltaTable {
  /// Adds the columns of a schema that the table lacks, in a commit of metadata alone; a writer that adds others
  /// meanwhile keeps them.
  mutating func addColumns(of schema: Schema, engine: String) async throws(DeltaError) {
    guard try snapshot.metadata(joining: schema) != nil else { return }
    let request = CommitRequest(operation: "ADD COLUMNS", engine: engine, isBlindAppend: false) {
      snapshot throws(DeltaError) in
      try snapshot.metadata(joining: schema).map { [.metadata($0)] }
    }
    _ = try await commit(request)
  }

  /// The offsets at or above a watermark of which this table of dead letters has one.
  func deadLetterOffsets(
    _ source: TopicSource, partition: Int32, from watermark: Int64
  ) async throws(LandingError) -> Set<Int64> {
    var offsets: Set<Int64> = []
    for file in snapshot.filesByPath.values {
      guard RangeTags.marks(file).contains(where: { $0.reaches(source, partition, beyond: watermark) }) else {
        continue
      }
      offsets.formUnion(
        try await FileReading.offsets(of: file, in: self, source, partition: partition, from: watermark))
    }
    return offsets
  }
}

extension Snapshot {
  /// The setting of the table that says how often a topic was deleted and created again.
  static func incarnationKey(_ topic: String) -> String { "vitals.incarnation.\(topic)" }

  /// How often a topic was deleted and created again, as far as the table was told.
  func incarnation(of topic: String) -> Int32 {
    metadata?.configuration[Self.incarnationKey(topic)].flatMap { Int32($0) } ?? 0
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

  /// The offsets at or above a bound that a file has of a partition; a file that was made of several has those of
  /// others too.
  static func offsets(
    of file: AddFile, in table: DeltaTable, _ source: TopicSource, partition: Int32, from bound: Int64
  ) async throws(LandingError) -> Set<Int64> {
    let parquet = try await open(file, in: table)
    let schema = parquet.metadata.schema
    guard let column = schema.index(of: "_kafka_offset") else {
      throw LandingError(.file, "\(table.store.root)/\(file.path): the file has no column _kafka_offset")
    }
    let others = ["_kafka_partition", "_kafka_incarnation", "_kafka_topic"].compactMap { schema.index(of: $0) }
    let wanted: [String: Scalar] = [
      "_kafka_partition": .int(Int64(partition)), "_kafka_incarnation": .int(Int64(source.incarnation)),
      "_kafka_topic": .bytes(Array(source.topic.utf8)),
    ]
    var offsets: Set<Int64> = []
    for rowGroup in parquet.metadata.rowGroups.indices {
      do throws(ParquetError) {
        let batch = try await parquet.read(rowGroup: rowGroup, columns: [column] + others)
        guard case .int64(let values)? = batch.column("_kafka_offset")?.values else { continue }
        let tests = zip(batch.schema.fields, batch.columns).compactMap { field, values in
          wanted[field.name].map { (values, $0) }
        }
        for row in values.indices where values[row] >= bound && tests.allSatisfy({ $0.scalar(at: row) == $1 }) {
          offsets.insert(values[row])
        }
      } catch {
        throw LandingError(error)
      }
    }
    return offsets
  }
}
