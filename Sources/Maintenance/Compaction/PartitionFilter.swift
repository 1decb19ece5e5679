import Columnar
import Delta
import Parquet
import Query
import Storage

/// Chooses files by the values of their partition columns, with a condition of SQL: `date < '2026-01-01'`.
///
/// The condition is asked of a small table with one row for each partition, so it means what it means in `pq-query`.
public struct PartitionFilter: Sendable {
  private let condition: String

  /// Takes a condition.
  public init(_ condition: String) { self.condition = condition }

  /// The files for whose partition the condition holds.
  func matching(_ files: [AddFile], in snapshot: Snapshot) async throws -> [AddFile] {
    let columns = snapshot.partitionColumns
    guard !columns.isEmpty else {
      throw MaintenanceError(.refused, "\(snapshot.root): the table has no partition columns to choose by")
    }
    var keys: [[String: String?]: Int] = [:]
    var examples: [AddFile] = []
    for file in files where keys[file.partitionValues] == nil {
      keys[file.partitionValues] = examples.count
      examples.append(file)
    }
    let chosen = try await rows(of: try Self.table(examples, columns, snapshot))
    return files.filter { file in keys[file.partitionValues].map { chosen.contains($0) } ?? false }
  }

  private static let rowColumn = "__row"

  private static func table(_ files: [AddFile], _ columns: [String], _ snapshot: Snapshot) throws -> [UInt8] {
    var fields: [Field] = []
    var values: [Column] = []
    for name in columns {
      guard let index = snapshot.schema.index(of: name) else { continue }
      let field = snapshot.schema.fields[index]
      var column = Column.nulls(field.type, count: 0)
      column.validity = nil
      for file in files {
        let text = file.partitionValues[name] ?? nil
        let value = try snapshot.partitionValue(name, of: file)
        guard column.append(Column(value, field.type)) else {
          throw MaintenanceError(.refused, "the partition value \(text ?? "null") of \(name) cannot be compared")
        }
      }
      fields.append(field)
      values.append(column)
    }
    fields.append(Field(rowColumn, .int(bits: 64)))
    values.append(Column(type: .int(bits: 64), values: .int64(files.indices.map { Int64($0) })))
    let schema = Schema(fields)
    var writer = try ParquetWriter(schema: schema)
    try writer.write(RecordBatch(schema: schema, columns: values))
    _ = try writer.finish()
    return writer.takeOutput()
  }

  private func rows(of table: [UInt8]) async throws -> Set<Int> {
    let session = QuerySession(
      catalog: FixedCatalog(source: TableSource(files: [TableFile(name: "the partitions") { BytesSource(table) }])))
    var chosen: Set<Int> = []
    do {
      try await session.run("select \(Self.rowColumn) from 'partitions' where (\(condition)\n)") { batch in
        guard case .int64(let rows)? = batch.columns.first?.values else { return }
        chosen.formUnion(rows.map { Int($0) })
      }
    } catch let error as QueryError {
      throw MaintenanceError(.refused, "--where: \(error.message)")
    }
    return chosen
  }
}

extension Column {
  /// A single row with a value that fits the type.
  init(_ value: Scalar, _ type: DataType) {
    let none = Column.nulls(type, count: 1)
    let values: ColumnValues
    switch (value, none.values) {
    case (.boolean(let bit), _): values = .boolean(Bitmap([bit]))
    case (.int(let number), .int32): values = .int32([Int32(truncatingIfNeeded: number)])
    case (.int(let number), .int64): values = .int64([number])
    case (.float(let number), _): values = .float([number])
    case (.double(let number), _): values = .double([number])
    case (.bytes(let bytes), _): values = .bytes(ByteStrings(offsets: [0, Int32(bytes.count)], bytes: bytes))
    default:
      self = none
      return
    }
    self.init(type: type, values: values)
  }
}
