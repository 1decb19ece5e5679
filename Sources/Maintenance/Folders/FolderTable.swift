import Columnar
import Delta
import Parquet
import Storage

/// A folder of Parquet files without a log, seen as a table: the columns of all files, and those that the names of
/// folders give in Hive's form, `date=2026-01-02/hour=7`.
struct FolderTable: Sendable {
  /// All columns, those of folders last.
  var schema: Schema
  /// The columns that folders give, from the outermost on.
  var partitionColumns: [String]
  var files: [AddFile]
  /// A column whose times are in milliseconds, which those of a table are not: its files must be written anew.
  var narrowColumn: String?

  private static let width = 8

  /// Reads the footers of all files below the root of a store; hidden names, and other files, are passed over.
  init(scanning store: any FileStore) async throws {
    let found = try await DeltaTable.dataFiles(in: store).filter { Self.isParquet($0.path) }
    guard !found.isEmpty else { throw MaintenanceError(.refused, "\(store.root): there are no Parquet files here") }
    let footers = try await Self.footers(of: found, in: store)
    var columns = Columns()
    for (file, footer) in zip(found, footers) { try columns.join(footer, of: "\(store.root)/\(file.path)") }
    let folders = try Folders(found.map(\.path), root: store.root)
    partitionColumns = folders.columns
    for name in partitionColumns where columns.fields.contains(where: { $0.name == name }) {
      throw MaintenanceError(.refused, "\(store.root): \(name) is a column of the files and a name of folders")
    }
    schema = Schema(columns.fields + folders.fields)
    narrowColumn = columns.narrowColumn
    files = found.indices.map { index in
      AddFile(
        path: PathText.encode(found[index].path), partitionValues: folders.values[index], size: found[index].size,
        modificationTime: found[index].modificationTime, stats: FileStatistics.text(footers[index]))
    }
  }

  private static func isParquet(_ path: String) -> Bool {
    [".parquet", ".parq", ".pq"].contains { path.hasSuffix($0) }
  }

  private static func footers(of files: [FileStatus], in store: any FileStore) async throws -> [ParquetMetadata] {
    try await withThrowingTaskGroup(of: (Int, ParquetMetadata).self) { group in
      var footers = [ParquetMetadata?](repeating: nil, count: files.count)
      var next = 0
      func start() {
        let (index, path) = (next, files[next].path)
        group.addTask { (index, try await ParquetFile.open(try await store.open(path)).metadata) }
        next += 1
      }
      while next < min(width, files.count) { start() }
      while let (index, footer) = try await group.next() {
        footers[index] = footer
        if next < files.count { start() }
      }
      return footers.compactMap { $0 }
    }
  }
}

/// The columns of files that need not all have the same.
private struct Columns {
  private(set) var fields: [Field] = []
  private(set) var narrowColumn: String?
  private var places: [String: Int] = [:]

  mutating func join(_ footer: ParquetMetadata, of file: String) throws(MaintenanceError) {
    for field in footer.schema.fields {
      guard let type = field.type.inTable else {
        throw MaintenanceError(.refused, "\(file): a Delta table cannot have the column \(field.name) in its type")
      }
      if case .timestamp(.milliseconds, _) = field.type { narrowColumn = field.name }
      guard let place = places[field.name] else {
        places[field.name] = fields.count
        fields.append(Field(field.name, type))
        continue
      }
      guard fields[place].type.isSame(as: type) else {
        throw MaintenanceError(.refused, "\(file): the column \(field.name) has another type than in other files")
      }
    }
  }
}

/// What the names of folders say.
struct Folders {
  private(set) var columns: [String] = []
  /// The columns with the type that all values fit: a date, a whole number, or a text.
  private(set) var fields: [Field] = []
  /// For each file its values.
  private(set) var values: [[String: String?]] = []

  init(_ paths: [String], root: String) throws(MaintenanceError) {
    var texts: [String: [String]] = [:]
    for (number, path) in paths.enumerated() {
      let pairs = path.split(separator: "/").dropLast().compactMap { Self.pair($0) }
      if number == 0 { columns = pairs.map(\.name) }
      guard pairs.map(\.name) == columns, Set(columns).count == columns.count else {
        throw MaintenanceError(.refused, "\(root)/\(path): its folders name other columns than those of other files")
      }
      values.append(Dictionary(pairs) { $1 })
      for (name, value) in pairs { if let value { texts[name, default: []].append(value) } }
    }
    fields = columns.map { Field($0, Self.type(of: texts[$0] ?? [])) }
  }

  /// A folder's name in Hive's form; `nil` for any other name.
  private static func pair(_ folder: Substring) -> (name: String, value: String?)? {
    guard let equals = folder.firstIndex(of: "="), equals > folder.startIndex,
      let name = PathText.decode(String(folder[..<equals]))
    else { return nil }
    let text = String(folder[folder.index(after: equals)...])
    if text.isEmpty || text == "__HIVE_DEFAULT_PARTITION__" { return (name, nil) }
    return (name, PathText.decode(text) ?? text)
  }

  private static func type(of texts: [String]) -> DataType {
    if texts.isEmpty { return .string }
    if texts.allSatisfy({ PartitionText.scalar($0, type: .date) != nil }) { return .date }
    // A number that would be written in another way again is a text, such as 007.
    if texts.allSatisfy({ Int64($0).map(String.init) == $0 }) { return .int(bits: 64) }
    return .string
  }
}
