extension RowGroupMetadata {
  /// Reads a row group (parquet.thrift, `RowGroup`).
  init(from reader: inout ThriftReader) throws(ParquetError) {
    self.init(columns: [], rowCount: 0, totalByteSize: 0, sortingColumns: [])
    try reader.structure { (reader, field) throws(ParquetError) in
      switch field.id {
      case 1:
        columns =
          try reader.list(field, of: .structure) { (reader) throws(ParquetError) in
            try ColumnChunkMetadata(from: &reader)
          } ?? []
      case 2: totalByteSize = try reader.int64(field) ?? 0
      case 3: rowCount = try reader.int64(field) ?? 0
      case 4:
        sortingColumns =
          try reader.list(field, of: .structure) { (reader) throws(ParquetError) in
            try SortingColumn(from: &reader)
          } ?? []
      case 5: fileOffset = try reader.int64(field)
      case 6: totalCompressedSize = try reader.int64(field)
      case 7: ordinal = try reader.int16(field)
      default: try reader.skip(field)
      }
    }
  }

  /// Writes the row group.
  func write(to writer: inout ThriftWriter) {
    writer.structure { writer in
      writer.list(1, of: .structure, columns) { $1.write(to: &$0) }
      writer.int64(2, totalByteSize)
      writer.int64(3, rowCount)
      if !sortingColumns.isEmpty {
        writer.list(4, of: .structure, sortingColumns) { writer, column in
          writer.structure {
            $0.int32(1, column.column)
            $0.bool(2, column.isDescending)
            $0.bool(3, column.nullsFirst)
          }
        }
      }
      writer.int64(5, fileOffset)
      writer.int64(6, totalCompressedSize)
      writer.int16(7, ordinal)
    }
  }
}

extension SortingColumn {
  /// Reads one column of a sort order (parquet.thrift, `SortingColumn`).
  init(from reader: inout ThriftReader) throws(ParquetError) {
    self.init(column: 0, isDescending: false, nullsFirst: false)
    try reader.structure { (reader, field) throws(ParquetError) in
      switch field.id {
      case 1: column = try reader.int32(field) ?? 0
      case 2: isDescending = try reader.bool(field) ?? false
      case 3: nullsFirst = try reader.bool(field) ?? false
      default: try reader.skip(field)
      }
    }
  }
}
