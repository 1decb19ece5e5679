internal import Columnar
internal import Kernels

extension ColumnValues {
  /// The leaf values at these positions, in order; a dictionary is kept.
  ///
  /// - Precondition: the positions exist.
  func taking(_ positions: [UInt32]) -> ColumnValues {
    switch self {
    case .boolean(let bits): return .boolean(bits.taking(positions))
    case .int32(let list): return .int32(gathered(list, positions))
    case .int64(let list): return .int64(gathered(list, positions))
    case .float(let list): return .float(gathered(list, positions))
    case .double(let list): return .double(gathered(list, positions))
    case .bytes(let strings):
      var result = ByteStrings()
      let fits = unsafe gatherBytes(
        positions.span, offsets: strings.offsets.span, bytes: strings.bytes.span.bytes,
        appendingOffsetsTo: &result.offsets, bytesTo: &result.bytes)
      precondition(fits, "fewer bytes than the column has, which fit")
      return .bytes(result)
    case .fixed(let width, let bytes):
      var result: [UInt8] = []
      result.reserveCapacity(positions.count * width)
      for position in positions { result += bytes[Int(position) * width..<(Int(position) + 1) * width] }
      return .fixed(width: width, result)
    case .dictionary(let codes, let values): return .dictionary(codes: gathered(codes, positions), values: values)
    case .list, .structure: preconditionFailure("the values of a leaf")
    }
  }

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

  private func gathered<Value: BitwiseCopyable>(_ list: [Value], _ positions: [UInt32]) -> [Value] {
    var result: [Value] = []
    gather(positions.span, from: list.span, appendingTo: &result)
    return result
  }
}
