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

  /// Opens a file; its footer alone is read.
  func open(_ index: Int) async throws -> ParquetFile {
    if let known = opened.withLock({ $0[index] }) { return known }
    let source = CountedSource(base: try await files[index].open(), files: self)
    let file = try await ParquetFile.open(source)
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
    for partition in source.files.first?.partitions ?? []
    where !columns.contains(where: { $0.name == partition.column }) {
      let texts = source.files.flatMap(\.partitions).filter { $0.column == partition.column }.map(\.text)
      columns.append(TableColumn(name: partition.column, type: Self.type(of: texts), kind: .partition))
    }
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
