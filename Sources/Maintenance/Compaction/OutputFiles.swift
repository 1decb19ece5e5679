import Columnar
import Delta
import FoundationEssentials
import Parquet
import Storage

/// Writes rows into files of the wanted size and puts each, when it is complete, at its place in the store. They are in
/// the table only when a commit says so; until then, and for ever if none does, they are orphans that a vacuum removes.
struct OutputFiles {
  /// What all files have in common.
  struct Form: Sendable {
    var schema: Schema
    var order: RowOrder
    /// The folder relative to the table's root.
    var folder: String
    var partitionValues: [String: String?]
    var tags: [String: String?]
    var targetBytes: Int64
    var memory: SortMemory
    var scratch: String
  }

  let form: Form
  private let store: any FileStore
  private let options: ParquetWriterOptions
  private let name = UUID().uuidString.lowercased()
  private var writer: ParquetWriter?
  private var joiner: RowGroupJoiner?
  private var file: ScratchFile?
  /// The files that are complete.
  private(set) var added: [AddFile] = []
  /// What was written.
  private(set) var sum = OriginSum()
  /// Rows that were copied without being decoded.
  private(set) var copiedRows: Int64 = 0

  /// Rows of all files.
  var rowCount: Int64 { sum.rows + copiedRows }

  /// Rows of a page: of a sorted file a query for one patient reads few of them.
  private static let pageRows = 1 << 14

  init(_ form: Form, store: any FileStore) {
    self.form = form
    self.store = store
    var options = ParquetWriterOptions()
    // Until a row group is complete its size is a guess: small ones keep the file's size close to what is wanted.
    options.rowGroupBytes = min(form.memory.rowGroupBytes, Int(clamping: max(1 << 16, form.targetBytes / 4)))
    options.pageRows = Self.pageRows
    options.sortingColumns = (form.order.isZOrder ? [] : form.order.columns).compactMap { name in
      form.schema.index(of: name).flatMap { Self.sorting(form.schema, $0) }
    }
    self.options = options
  }

  /// The leaf that a plain column is: those before it must be plain too, or nobody here can count them.
  private static func sorting(_ schema: Schema, _ index: Int) -> SortingColumn? {
    guard !schema.fields[...index].contains(where: { $0.type.isNested }) else { return nil }
    return SortingColumn(column: Int32(index), isDescending: false, nullsFirst: false)
  }

  mutating func write(_ batch: RecordBatch) async throws {
    sum.add(batch)
    if writer == nil {
      writer = try ParquetWriter(schema: form.schema, options: options)
      file = try ScratchFile(in: form.scratch)
    }
    try writer?.write(batch)
    if let bytes = writer?.takeOutput(), !bytes.isEmpty { try file?.append(bytes) }
    // A slice stays in one file.
    if form.order.slicedBy == nil { try await closeIfFull() }
  }

  /// Ends a row group.
  mutating func endRowGroup() async throws {
    try writer?.endRowGroup()
    try await closeIfFull()
  }

  private mutating func closeIfFull() async throws {
    if writer?.byteCount ?? 0 >= form.targetBytes { try await close(isFull: true) }
  }

  /// Copies the row groups of a file without decoding them, where nothing is to be changed about them; false where
  /// something is.
  mutating func copy(_ parquet: ParquetFile) async throws -> Bool {
    let metadata = parquet.metadata
    guard form.order == .none, writer == nil, metadata.schema.fields.count == form.schema.fields.count,
      zip(metadata.schema.fields, form.schema.fields).allSatisfy({ $0.name == $1.name && $0.type.isSame(as: $1.type) }),
      joiner?.canTake(metadata) ?? RowGroupJoiner(like: metadata).canTake(metadata)
    else { return false }
    for group in metadata.rowGroups.indices {
      if joiner == nil {
        joiner = RowGroupJoiner(like: metadata)
        file = try ScratchFile(in: form.scratch)
      }
      joiner?.append(try await parquet.stored(rowGroup: group))
      if let bytes = joiner?.takeOutput() { try file?.append(bytes) }
      copiedRows += metadata.rowGroups[group].rowCount
      if joiner?.byteCount ?? 0 >= form.targetBytes { try await close(isFull: true) }
    }
    return true
  }

  /// Completes the last file.
  mutating func finish() async throws { try await close(isFull: false) }

  /// The metadata of the file that is open, and its last bytes.
  private mutating func finishOpen() throws -> (metadata: ParquetMetadata, bytes: [UInt8])? {
    defer { (writer, joiner) = (nil, nil) }
    if var open = writer {
      writer = nil
      let metadata = try open.finish()
      return (metadata, open.takeOutput())
    }
    guard var open = joiner else { return nil }
    let metadata = try open.finish()
    return (metadata, open.takeOutput())
  }

  private mutating func close(isFull: Bool) async throws {
    guard let file, let (metadata, bytes) = try finishOpen() else { return }
    try file.append(bytes)
    self.file = nil
    let path = StorePath.join(form.folder, "compacted-\(name)-\(added.count).parquet")
    guard try await store.create(path, file) == .created else {
      throw StorageError(.alreadyExists, path: path, message: "another file stands at a name that nobody else chooses")
    }
    var tags = form.tags
    if isFull { tags[CompactionPlan.fullTag] = String(form.targetBytes) }
    added.append(
      AddFile(
        path: PathText.encode(path), partitionValues: form.partitionValues, size: file.size,
        modificationTime: WallClock.milliseconds(), dataChange: false, stats: FileStatistics.text(metadata),
        tags: tags.isEmpty ? nil : tags))
    FaultPoint.reach("compact.file-written")
  }
}
