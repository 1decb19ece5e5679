import Columnar

extension ParquetMetadata {
  /// Reads the metadata of a whole file (parquet.thrift, `FileMetaData`) and derives the columns.
  init(footer bytes: [UInt8], base: Int64 = 0, limits: ReaderLimits) throws(ParquetError) {
    self.init(
      version: 1, rowCount: 0, schema: Schema([]), columns: [], schemaElements: [], rowGroups: [], createdBy: nil,
      keyValueMetadata: [], columnOrders: [], footerBytes: bytes.count)
    var reader = ThriftReader(bytes, base: base, limits: limits)
    try reader.structure { (reader, field) throws(ParquetError) in
      switch field.id {
      case 1: version = try reader.int32(field) ?? 1
      case 2:
        schemaElements =
          try reader.list(field, of: .structure) { (reader) throws(ParquetError) in
            try SchemaElement(from: &reader)
          } ?? []
      case 3: rowCount = try reader.int64(field) ?? 0
      case 4:
        rowGroups =
          try reader.list(field, of: .structure) { (reader) throws(ParquetError) in
            try RowGroupMetadata(from: &reader)
          } ?? []
      case 5: keyValueMetadata = try reader.keyValues(field)
      case 6: createdBy = try reader.string(field)
      case 7:
        columnOrders =
          try reader.list(field, of: .structure) { (reader) throws(ParquetError) in
            try ColumnOrder(from: &reader)
          } ?? []
      default: try reader.skip(field)
      }
    }
    columns = try LeafColumn.leaves(of: schemaElements, maxDepth: limits.schemaDepth)
    nodes = SchemaTreeBuilder.fields(schemaElements, columns)
    schema = Schema(nodes.map(\.field))
    try validate()
    deriveStatistics()
  }

  /// Numbers that everything else relies on.
  private func validate() throws(ParquetError) {
    guard rowCount >= 0 else { throw ParquetError(.outOfSpec, "a negative number of rows") }
    var total: Int64 = 0
    for (index, group) in rowGroups.enumerated() {
      let (sum, overflow) = total.addingReportingOverflow(group.rowCount)
      total = sum
      guard group.rowCount >= 0, !overflow else {
        throw ParquetError(.outOfSpec, "an impossible number of rows").located(rowGroup: index)
      }
      guard group.columns.count == columns.count else {
        throw ParquetError(.outOfSpec, "\(group.columns.count) column chunks for \(columns.count) columns")
          .located(rowGroup: index)
      }
    }
  }

  /// The footer's bytes, without length and magic.
  func serialised() -> [UInt8] {
    var writer = ThriftWriter()
    writer.structure { writer in
      writer.int32(1, version)
      writer.list(2, of: .structure, schemaElements) { $1.write(to: &$0) }
      writer.int64(3, rowCount)
      writer.list(4, of: .structure, rowGroups) { $1.write(to: &$0) }
      if !keyValueMetadata.isEmpty { writer.keyValues(5, keyValueMetadata) }
      writer.string(6, createdBy)
      if !columnOrders.isEmpty {
        writer.list(7, of: .structure, columnOrders) { writer, order in
          writer.structure { order.writeMember(to: &$0) }
        }
      }
    }
    return writer.bytes
  }
}

extension ColumnOrder {
  /// Reads the union (parquet.thrift, `ColumnOrder`).
  init(from reader: inout ThriftReader) throws(ParquetError) {
    self = .unknown
    try reader.structure { (reader, field) throws(ParquetError) in
      switch field.id {
      case 1: self = .typeDefined
      case 2: self = .ieee754TotalOrder
      case 3: self = .int96Timestamp
      default: self = .unknown
      }
      try reader.skip(field)
    }
  }

  /// Writes the one member of the union; an unknown order is written as an empty union.
  func writeMember(to writer: inout ThriftWriter) {
    switch self {
    case .typeDefined: writer.structure(1) { _ in }
    case .ieee754TotalOrder: writer.structure(2) { _ in }
    case .int96Timestamp: writer.structure(3) { _ in }
    case .unknown: break
    }
  }
}
