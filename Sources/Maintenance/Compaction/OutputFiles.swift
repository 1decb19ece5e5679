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
  private var file: ScratchFile?
  /// The files that are complete.
  private(set) var added: [AddFile] = []
  /// What was written.
  private(set) var sum = OriginSum()

  /// Rows of a page: of a sorted file a query for one patient reads few of them.
  private static let pageRows = 1 << 14

  init(_ form: Form, store: any FileStore) {
    self.form = form
    self.store = store
    var options = ParquetWriterOptions()
    // Until a row group is complete its size is a guess: small ones keep the file's size close to what is wanted.
    options.rowGroupBytes = min(form.memory.rowGroupBytes, Int(clamping: max(1 << 16, form.targetBytes / 4)))
    options.pageRows = Self.pageRows
    options.sortingColumns = form.order.columns.compactMap { name in
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
    if writer?.byteCount ?? 0 >= form.targetBytes { try await close(isFull: true) }
  }

  /// Completes the last file.
  mutating func finish() async throws { try await close(isFull: false) }

  private mutating func close(isFull: Bool) async throws {
    guard var open = writer, let file else { return }
    writer = nil
    let metadata = try open.finish()
    try file.append(open.takeOutput())
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
