import Columnar
import Delta
public import Storage

/// Care of folders of Parquet files that have no log.
public enum FolderCompaction {
  /// Makes a Delta table of a folder, in place: one entry of a log names the files, and none is touched.
  ///
  /// - Returns: how many files it has.
  public static func convert(_ store: any FileStore, engine: String, isDryRun: Bool = false) async throws -> Int {
    guard try await DeltaTable.openIfPresent(store: store) == nil else {
      throw MaintenanceError(.refused, "\(store.root): this is a Delta table already")
    }
    let folder = try await FolderTable(scanning: store)
    if let column = folder.narrowColumn {
      throw MaintenanceError(
        .refused,
        "\(store.root): the times of \(column) are in milliseconds, and in microseconds in a table: compact the "
          + "folder into a new one, and convert that")
    }
    if !isDryRun {
      _ = try await DeltaTable.convert(
        store: store, files: folder.files, schema: folder.schema, partitionColumns: folder.partitionColumns,
        engine: engine)
    }
    return folder.files.count
  }

  /// Compacts a folder, or a Delta table, into a new folder without a log; the old one stays as it is.
  ///
  /// The source is seen through a log that is kept in memory, and what is written goes to the new folder: so it is the
  /// same compaction. Files that need none are copied. What a run that broke off has left in the new folder is no
  /// table, and is to be removed.
  public static func run(
    from source: any FileStore, into target: any FileStore, options: CompactionOptions,
    progress: @escaping Compactor.Progress = { _ in }
  ) async throws -> CompactionReport {
    guard try await target.list("").isEmpty else {
      throw MaintenanceError(.refused, "\(target.root): the new folder is not empty")
    }
    let view = FolderView(source: source, target: target)
    try await view.furnish(engine: options.engine)
    var report = try await Compactor(store: view, options: options, progress: progress).run()
    let files = try await DeltaTable.open(store: view).snapshot.files
    for file in files where !view.isWritten(file) { report.copied += try await view.copy(file, options) }
    return report
  }
}

/// A table whose log is in memory, whose files are read where they lie, and whose new files go elsewhere.
private struct FolderView: FileStore {
  let source: any FileStore
  let target: any FileStore
  private let log = MemoryFileStore()

  init(source: any FileStore, target: any FileStore) {
    self.source = source
    self.target = target
  }

  var root: String { source.root }

  func furnish(engine: String) async throws {
    let (files, schema, partitions): ([AddFile], Schema, [String])
    if let table = try await DeltaTable.openIfPresent(store: source)?.snapshot {
      (files, schema, partitions) = (table.files, table.schema, table.partitionColumns)
    } else {
      let folder = try await FolderTable(scanning: source)
      (files, schema, partitions) = (folder.files, folder.schema, folder.partitionColumns)
    }
    let unwritten = files.map { file in
      var file = file
      file.dataChange = true
      return file
    }
    _ = try await DeltaTable.convert(
      store: log, files: unwritten, schema: schema, partitionColumns: partitions, engine: engine)
  }

  /// Whether a file was written by the compaction.
  func isWritten(_ file: AddFile) -> Bool { !file.dataChange }

  func copy(_ file: AddFile, _ options: CompactionOptions) async throws -> Int {
    try await FileCopies(store: source, scratchDirectory: options.scratchDirectory).copy(file, into: target)
    return 1
  }

  private static func isOfLog(_ path: String) -> Bool { path.hasPrefix("_delta_log") }

  func list(_ directory: String) async throws(StorageError) -> [FileStatus] {
    try await (Self.isOfLog(directory) ? log : source).list(directory)
  }

  func status(_ path: String) async throws(StorageError) -> FileStatus? {
    try await (Self.isOfLog(path) ? log : source).status(path)
  }

  func read(_ path: String, limit: Int) async throws(StorageError) -> [UInt8] {
    try await (Self.isOfLog(path) ? log : source).read(path, limit: limit)
  }

  func open(_ path: String) async throws(StorageError) -> any RandomAccess {
    try await (Self.isOfLog(path) ? log : source).open(path)
  }

  func create(_ path: String, _ content: [UInt8]) async throws(StorageError) -> CreateOutcome {
    try await (Self.isOfLog(path) ? log : target).create(path, content)
  }

  func create(_ path: String, _ content: ScratchFile) async throws(StorageError) -> CreateOutcome {
    try await target.create(path, content)
  }

  func replace(_ path: String, _ content: [UInt8]) async throws(StorageError) {
    try await (Self.isOfLog(path) ? log : target).replace(path, content)
  }

  func delete(_ path: String) async throws(StorageError) {
    try await (Self.isOfLog(path) ? log : target).delete(path)
  }
}
