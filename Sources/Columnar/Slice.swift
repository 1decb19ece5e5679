extension RecordBatch {
  /// A run of rows as a batch of its own; copies, linear in the rows kept.
  ///
  /// - Precondition: `rows` lies within the batch.
  public func sliced(_ rows: Range<Int>) -> RecordBatch {
    RecordBatch(schema: schema, columns: columns.map { $0.sliced(rows) }, rowCount: rows.count)
  }
}

extension RecordBatch {
  /// The rows at these positions, in their order; copies, linear in the rows kept.
  ///
  /// - Precondition: each position is below ``rowCount``.
  public func taking(_ positions: [UInt32]) -> RecordBatch {
    RecordBatch(schema: schema, columns: columns.map { $0.taking(positions) }, rowCount: positions.count)
  }
}

extension Column {
  /// A run of rows as a column of its own; copies, linear in the rows kept.
  public func sliced(_ rows: Range<Int>) -> Column {
    Column(type: type, values: values.sliced(rows), validity: validity.map { $0.sliced(rows) })
  }
}

extension ColumnValues {
  /// A run of values as a layout of its own; a dictionary is kept whole.
  public func sliced(_ rows: Range<Int>) -> ColumnValues {
    switch self {
    case .boolean(let bits): return .boolean(bits.sliced(rows))
    case .int32(let values): return .int32(Array(values[rows]))
    case .int64(let values): return .int64(Array(values[rows]))
    case .float(let values): return .float(Array(values[rows]))
    case .double(let values): return .double(Array(values[rows]))
    case .bytes(let strings):
      let first = strings.offsets[rows.lowerBound]
      let offsets = strings.offsets[rows.lowerBound...rows.upperBound].map { $0 - first }
      let bytes = strings.bytes[Int(first)..<Int(strings.offsets[rows.upperBound])]
      return .bytes(ByteStrings(offsets: offsets, bytes: Array(bytes)))
    case .fixed(let width, let bytes):
      return .fixed(width: width, Array(bytes[rows.lowerBound * width..<rows.upperBound * width]))
    case .dictionary(let codes, let values): return .dictionary(codes: Array(codes[rows]), values: values)
    case .list(let offsets, let items):
      let first = offsets[rows.lowerBound]
      let kept = items.sliced(Int(first)..<Int(offsets[rows.upperBound]))
      return .list(offsets: offsets[rows.lowerBound...rows.upperBound].map { $0 - first }, items: kept)
    case .structure(let columns, _): return .structure(columns.map { $0.sliced(rows) }, count: rows.count)
    }
  }
}
