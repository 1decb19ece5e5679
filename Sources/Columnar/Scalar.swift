/// One value out of a column, for edges where rows matter: statistics, printing, single look-ups.
public enum Scalar: Hashable, Sendable {
  case null
  case boolean(Bool)
  case int(Int64)
  case unsigned(UInt64)
  case float(Float)
  case double(Double)
  case bytes([UInt8])
  /// The values of a list; those of a map are structures of key and value.
  case list([Scalar])
  /// The values of a structure, in the order of its fields.
  case structure([Scalar])
}

extension Column {
  /// The value of one row; dictionaries are looked through.
  ///
  /// Unsigned types give `unsigned`, every other integer layout `int`; `bytes` and `fixed` give `bytes`; nested types
  /// give their values, linear in what the row holds.
  public func scalar(at row: Int) -> Scalar {
    guard isValid(row) else { return .null }
    return values.scalar(at: row, type: type)
  }
}

extension ColumnValues {
  /// The value at a position, whether or not the row is valid.
  public func scalar(at row: Int, type: DataType) -> Scalar {
    switch self {
    case .boolean(let bits): return .boolean(bits[row])
    case .int32(let values):
      if case .unsigned = type { return .unsigned(UInt64(UInt32(bitPattern: values[row]))) }
      return .int(Int64(values[row]))
    case .int64(let values):
      if case .unsigned = type { return .unsigned(UInt64(bitPattern: values[row])) }
      return .int(values[row])
    case .float(let values): return .float(values[row])
    case .double(let values): return .double(values[row])
    case .bytes(let values): return .bytes(Array(values[row]))
    case .fixed(let width, let bytes): return .bytes(Array(bytes[row * width..<(row + 1) * width]))
    case .dictionary(let codes, let values): return values.scalar(at: Int(codes[row]), type: type)
    case .list(let offsets, let items):
      return .list((Int(offsets[row])..<Int(offsets[row + 1])).map { items.scalar(at: $0) })
    case .structure(let columns, _): return .structure(columns.map { $0.scalar(at: row) })
    }
  }
}
