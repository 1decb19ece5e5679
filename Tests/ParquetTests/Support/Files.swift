import Columnar
import Parquet
import Storage
import Testing

/// The bytes of a file with these batches.
func written(
  _ batches: [RecordBatch], schema: Schema? = nil, options: ParquetWriterOptions = .init()
) throws -> [UInt8] {
  var writer = try ParquetWriter(schema: try #require(schema ?? batches.first?.schema), options: options)
  var bytes: [UInt8] = []
  for batch in batches {
    try writer.write(batch)
    bytes += writer.takeOutput()
  }
  _ = try writer.finish()
  return bytes + writer.takeOutput()
}

/// All rows of a column of a file, one scalar a row, floats by their bits.
func rows(_ bytes: [UInt8], column: Int) async throws -> [Scalar] {
  let file = try await ParquetFile.open(BytesSource(bytes))
  var result: [Scalar] = []
  for group in file.metadata.rowGroups.indices {
    result += exactRows(try await file.read(rowGroup: group, columns: [column]).columns[0])
  }
  return result
}

/// One scalar a row, floats by their bits, so that equality is identity.
func exactRows(_ column: Column) -> [Scalar] {
  (0..<column.count).map { row in
    switch column.scalar(at: row) {
    case .float(let value): .unsigned(UInt64(value.bitPattern))
    case .double(let value): .unsigned(value.bitPattern)
    case let value: value
    }
  }
}

/// A batch of one column.
func batch(_ column: Column, name: String = "c", isNullable: Bool = true) -> RecordBatch {
  RecordBatch(schema: Schema([Field(name, column.type, isNullable: isNullable)]), columns: [column])
}
