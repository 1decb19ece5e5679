internal import Columnar
internal import Kernels

extension ColumnValues {
  /// The leaf values of the rows that have one, in order; a dictionary is kept.
  func compacted(_ rows: Range<Int>, _ validity: Bitmap) -> ColumnValues {
    func kept<Value: BitwiseCopyable>(_ list: [Value]) -> [Value] {
      var result: [Value] = []
      compactValues(list.span, rows: rows, validity: validity.words.span, appendingTo: &result)
      return result
    }
    switch self {
    case .int32(let list): return .int32(kept(list))
    case .int64(let list): return .int64(kept(list))
    case .float(let list): return .float(kept(list))
    case .double(let list): return .double(kept(list))
    case .dictionary(let codes, let values): return .dictionary(codes: kept(codes), values: values)
    default:
      var positions: [UInt32] = []
      appendSetPositions(validity.words.span, in: rows, to: &positions)
      return taking(positions)
    }
  }
}
