internal import Columnar
internal import Parquet
internal import Storage
internal import Synchronization

/// The files of a table, each opened once.
final class FileSet: Sendable {
  let files: [TableFile]
  private let opened: Mutex<[Int: ParquetFile]> = Mutex([:])
  /// Bytes read of the files.
  let bytesRead = Atomic<Int64>(0)
  private static let mostOpen = 4_096

  init(files: [TableFile]) { self.files = files }

  /// The bytes of a file; what is read of them is counted.
  func source(_ index: Int) async throws -> any RandomAccess {
    CountedSource(base: try await files[index].open(), files: self)
  }

  /// Opens a file; its footer alone is read.
  func open(_ index: Int) async throws -> ParquetFile {
    if let known = opened.withLock({ $0[index] }) { return known }
    let file = try await ParquetFile.open(try await source(index))
    opened.withLock { files in
      if files.count >= Self.mostOpen { files = [:] }
      files[index] = file
    }
    return file
  }
}

/// A file of which it is counted how much is read.
private struct CountedSource: RandomAccess {
  let base: any RandomAccess
  let files: FileSet
  var name: String { base.name }
  var size: Int64 { base.size }

  func read(_ range: Range<Int64>) async throws(StorageError) -> [UInt8] {
    files.bytesRead.add(Int64(range.count), ordering: .relaxed)
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
  static func bind(_ source: TableSource, name: String) async throws -> BoundTable {
    let files = FileSet(files: source.files)
    var columns: [TableColumn] = []
    var schema = source.schema
    if schema == nil, !source.files.isEmpty { schema = try await files.open(0).metadata.schema }
    for field in schema?.fields ?? [] {
      let kind: TableColumn.Kind = source.partitionColumns.contains(field.name) ? .partition : .file
      columns.append(TableColumn(name: field.name, type: SQLType(field.type), kind: kind))
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
