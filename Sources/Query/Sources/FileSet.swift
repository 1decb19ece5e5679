internal import Columnar
internal import Delta
internal import Parquet
internal import Storage
internal import Synchronization

/// The files of a table, each opened once.
final class FileSet: Sendable {
  let files: [TableFile]
  /// Bytes read of the files before this query.
  private let before: Int64
  private let opened = Atomic<Int>(0)
  /// Files that are kept open; others are opened each time, for a process may hold a thousand.
  private static let mostOpen = 768

  init(files: [TableFile]) {
    self.files = files
    before = Self.sum(files)
  }

  private static func sum(_ files: [TableFile]) -> Int64 {
    files.reduce(0) { $0 + $1.kept.bytesRead.load(ordering: .relaxed) }
  }

  /// Bytes read of the files.
  var bytesRead: Int64 { Self.sum(files) - before }

  /// The bytes of a file; what is read of them is counted.
  func source(_ index: Int) async throws -> any RandomAccess {
    CountedSource(base: try await files[index].open(), kept: files[index].kept)
  }

  /// Opens a file; its footer alone is read.
  func open(_ index: Int) async throws -> ParquetFile {
    if let known = files[index].kept.file { return known }
    let file = try await ParquetFile.open(try await source(index))
    if opened.add(1, ordering: .relaxed).newValue <= Self.mostOpen { files[index].kept.file = file }
    return file
  }
}

/// What is known of a file that has been looked at, for as long as somebody refers to it by the same ``TableFile``.
final class KeptFile: Sendable {
  private struct State {
    var file: ParquetFile?
    /// `nil` as long as nobody has asked.
    var bounds: FileBounds??
  }

  private let state = Mutex(State())
  /// Bytes read of the file.
  let bytesRead = Atomic<Int64>(0)

  /// The open file.
  var file: ParquetFile? {
    get { state.withLock { $0.file } }
    set { state.withLock { $0.file = newValue } }
  }

  /// The bounds that a Delta log's text holds; it is parsed once.
  func bounds(_ text: String?) -> FileBounds? {
    guard let text else { return nil }
    return state.withLock { state in
      if let known = state.bounds { return known }
      let parsed = FileBounds(parsing: text)
      state.bounds = .some(parsed)
      return parsed
    }
  }
}

/// A file of which it is counted how much is read.
private struct CountedSource: RandomAccess {
  let base: any RandomAccess
  let kept: KeptFile
  var name: String { base.name }
  var size: Int64 { base.size }

  func read(_ range: Range<Int64>) async throws(StorageError) -> [UInt8] {
    kept.bytesRead.add(Int64(range.count), ordering: .relaxed)
    return try await base.read(range)
  }
}

extension BoundTable {
  /// Settles the columns of CSV files by the beginning of the first one.
  static func bind(csv source: TableSource, name: String, _ options: CSVOptions) async throws -> BoundTable {
    let files = FileSet(files: source.files)
    guard !source.files.isEmpty else { throw QueryError(.binding, "there is no file") }
    let first = try await files.source(0)
    let sample = min(first.size, 1 << 20)
    let format = try CSVFormat.inferred(
      from: try await first.read(0..<sample), isWhole: sample == first.size, name: first.name, options)
    var columns = zip(format.names, format.types).map { TableColumn(name: $0, type: $1, kind: .file) }
    columns += partitions(source, besides: columns)
    columns.append(TableColumn(name: "filename", type: .text, kind: .fileName, isHidden: true))
    return BoundTable(name: name, columns: columns, files: files, csv: format)
  }

  /// The columns whose values are names of directories.
  private static func partitions(_ source: TableSource, besides columns: [TableColumn]) -> [TableColumn] {
    (source.files.first?.partitions ?? []).filter { partition in !columns.contains { $0.name == partition.column } }
      .map { partition in
        let texts = source.files.flatMap(\.partitions).filter { $0.column == partition.column }.map(\.text)
        return TableColumn(name: partition.column, type: type(of: texts), kind: .partition)
      }
  }

  /// What stands for all rows of a file in a column that is not in the file itself.
  func constant(_ column: TableColumn, ofFile index: Int) throws(QueryError) -> Vector {
    switch column.kind {
    case .fileName: return Vector(constant: .bytes(Array(files.files[index].name.utf8)), .text)
    case .partition:
      guard let text = files.files[index].partitions.first(where: { $0.column == column.name })?.text else {
        return .null(column.type)
      }
      let vector = Vector(constant: .bytes(Array(text.utf8)), .text)
      return try Casting.cast(vector, to: column.type, isTry: false, count: 1)
    case .file, .rowNumber: return .null(column.type)
    }
  }

  /// Settles the columns of a table: those it declares, or those of its first file, then partitions and the two that
  /// are not asked for by `*`.
  static func bind(_ source: TableSource, name: String, unionsByName: Bool = false) async throws -> BoundTable {
    let files = FileSet(files: source.files)
    var columns: [TableColumn] = []
    var schema = source.schema
    if schema == nil, !source.files.isEmpty { schema = try await files.open(0).metadata.schema }
    for field in schema?.fields ?? [] {
      let kind: TableColumn.Kind = source.partitionColumns.contains(field.name) ? .partition : .file
      columns.append(TableColumn(name: field.name, type: SQLType(field.type), kind: kind))
    }
    if unionsByName, source.schema == nil {
      for index in source.files.indices.dropFirst() {
        try columns.unite(with: try await files.open(index).metadata.schema, of: source.files[index].name)
      }
    }
    columns += partitions(source, besides: columns)
    columns.append(TableColumn(name: "filename", type: .text, kind: .fileName, isHidden: true))
    columns.append(TableColumn(name: "file_row_number", type: .int64, kind: .rowNumber, isHidden: true))
    return BoundTable(name: name, columns: columns, files: files)
  }

  /// The type that all texts of a partition column can be read as: whole numbers, dates, else texts.
  private static func type(of texts: [String?]) -> SQLType {
    let given = texts.compactMap(\.self)
    if given.isEmpty { return .text }
    if given.allSatisfy({ TimeText.date($0) != nil }) { return .date }
    // "007" is a name, not the number 7.
    if given.allSatisfy({ text in Int64(text).map { String($0) == text } ?? false }) { return .int64 }
    return .text
  }
}

extension [BoundTable.TableColumn] {
  /// Adds the columns that a further file has, and widens the types of those that are known.
  fileprivate mutating func unite(with schema: Schema, of file: String) throws(QueryError) {
    for field in schema.fields {
      let type = SQLType(field.type)
      guard let index = firstIndex(where: { $0.name == field.name }) else {
        append(Element(name: field.name, type: type, kind: .file))
        continue
      }
      guard let common = Coercion.common(self[index].type, type) else {
        throw QueryError(
          .binding,
          "\(file): the column \"\(field.name)\" is of type \(type.name), and of type "
            + "\(self[index].type.name) in files before it")
      }
      self[index].type = common
    }
  }
}
