import Columnar
import CommandSupport
import Parquet

/// The files of all locations, opened one at a time.
struct InputSet {
  /// The files in the order in which their rows are printed.
  let files: [InputFile]
  /// Files that stay open between the look at their footers and the reading of their rows.
  private var opened: [Int: ParquetFile] = [:]
  private static let mostOpen = 64

  /// Takes the files of locations.
  init(files: [InputFile]) {
    self.files = files
  }

  /// Opens a file; its footer alone is read.
  ///
  /// - Throws: `StorageError`, or `ParquetError` when the file is none of Parquet.
  mutating func open(_ index: Int) async throws -> ParquetFile {
    if let file = opened[index] { return file }
    let file = try await ParquetFile.open(try await files[index].open())
    if opened.count < InputSet.mostOpen { opened[index] = file }
    return file
  }

  /// Closes a file whose rows have been read.
  mutating func close(_ index: Int) {
    opened[index] = nil
  }
}

/// The columns to print, and how many rows each file has: what the footers of all files say together.
struct Outline {
  /// The columns in the order of printing.
  private(set) var columns: [OutputColumn] = []
  /// How many rows each file has.
  private(set) var rowCounts: [Int64] = []
  /// How many rows there are in all.
  private(set) var rowCount: Int64 = 0
  /// The names of all columns, those that are not to be printed too.
  private var known: [String] = []

  /// An outline of files that are still to be added; the columns of a table they belong to come first, in its order.
  init(_ table: InputTable) {
    guard let schema = table.schema else { return }
    columns = zip(ColumnKey.keys(of: schema), schema.fields).map { key, field in
      let isPartition = table.partitionColumns.contains(field.name)
      var field = field
      if isPartition, !field.type.hasPartitionText { field.type = .string }
      return OutputColumn(key: key, field: field, isPartition: isPartition, isDeclared: true)
    }
  }

  /// Adds a file: new columns join at the end, known ones must have the same type.
  mutating func add(
    _ schema: Schema, of metadata: ParquetMetadata, partitions: [PartitionValue], name: String
  ) throws {
    let rowCount = try metadata.checkedRowCount(of: name)
    known += metadata.schema.fields.map(\.name).filter { !known.contains($0) }
    rowCounts.append(rowCount)
    self.rowCount = try RowCount.sum(self.rowCount, rowCount, of: name)
    for (key, field) in zip(ColumnKey.keys(of: schema), schema.fields) {
      guard let known = columns.firstIndex(where: { $0.key == key }) else {
        columns.append(OutputColumn(key: key, field: field, isPartition: false))
        continue
      }
      if columns[known].isPartition || columns[known].isDeclared {
        columns[known] = OutputColumn(key: key, field: field, isPartition: false)
      } else if columns[known].field.type != field.type {
        throw CommandError(
          "\(name): column \(CommandText.printable(field.name)) has another type than in the files before – leave it "
            + "out with --columns, or print the files one by one", exit: .dataError)
      }
    }
    for partition in partitions {
      let key = ColumnKey(name: partition.column, occurrence: 0)
      let type = partition.inferredType
      if let known = columns.firstIndex(where: { $0.key == key }) {
        if columns[known].isPartition, !columns[known].isDeclared { columns[known].widen(to: type) }
      } else {
        let field = Field(partition.column, type ?? .null)
        columns.append(OutputColumn(key: key, field: field, isPartition: true))
      }
    }
  }

  /// Keeps the named columns in the order of the names; a name may be that of a group above or of a part below.
  ///
  /// - Throws: `CommandError` for a name that no file has.
  mutating func select(_ names: [String]) throws {
    var selected: [OutputColumn] = []
    for name in names {
      let matches = columns.filter { column in
        let own = column.key.name
        return own == name || own.hasPrefix("\(name).") || name.hasPrefix("\(own).")
      }
      guard !matches.isEmpty else {
        let partitions = columns.filter(\.isPartition).map(\.key.name)
        let names = (known + partitions).prefix(20).map(CommandText.printable).joined(separator: ", ")
        throw CommandError(
          "--columns: no column is called \(CommandText.printable(name)) – there are \(names)", exit: .usage)
      }
      selected += matches.filter { match in !selected.contains { $0.key == match.key } }
    }
    columns = selected
  }

  /// The schema of what is printed.
  var schema: Schema { Schema(columns.map(\.field)) }
}

/// A column by name; names may repeat within a file, and then the first is matched with the first.
struct ColumnKey: Hashable {
  let name: String
  let occurrence: Int

  /// The keys of a schema's columns, in order.
  static func keys(of schema: Schema) -> [ColumnKey] {
    var counts: [String: Int] = [:]
    return schema.fields.map { field in
      defer { counts[field.name, default: 0] += 1 }
      return ColumnKey(name: field.name, occurrence: counts[field.name, default: 0])
    }
  }
}

/// One column to print.
struct OutputColumn: Hashable {
  let key: ColumnKey
  private(set) var field: Field
  /// Whether its values come from names of directories, not from the files.
  let isPartition: Bool
  /// Whether the type is that which a table declares; a file that has the column says better how it is stored.
  let isDeclared: Bool

  init(key: ColumnKey, field: Field, isPartition: Bool, isDeclared: Bool = false) {
    self.key = key
    self.field = field
    self.isPartition = isPartition
    self.isDeclared = isDeclared
  }

  /// Takes in a further value's type: two that differ make text; `nil`, of a null, fits all.
  mutating func widen(to type: DataType?) {
    guard let type, type != field.type else { return }
    field.type = field.type == .null ? type : .string
  }
}

extension PartitionValue {
  /// What the text looks like: a whole number, a date, else text; `nil` for null.
  var inferredType: DataType? {
    guard let text else { return nil }
    if CivilDate(text) != nil { return .date }
    // "007" is a name, not the number 7.
    if let number = Int64(text), String(number) == text { return .int(bits: 64) }
    return .string
  }
}

extension ParquetMetadata {
  /// Those of the named columns that the file has; all columns where no name is given.
  func projection(existing names: [String]) throws(ParquetError) -> Projection {
    names.isEmpty ? all : try projection(named: names.filter { !leaves(named: $0).isEmpty })
  }
}
