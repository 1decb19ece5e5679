internal import Kernels

extension ColumnValues {
  /// The same values without a dictionary, each row with its own copy; linear in their bytes.
  ///
  /// - Precondition: each code names a value, except that an empty dictionary may stand behind rows that are all null.
  public func withoutDictionary() -> ColumnValues {
    switch self {
    case .dictionary(let codes, let values):
      let dense = values.withoutDictionary()
      if dense.count == 0 { return dense.repeatingZero(codes.count) }
      return dense.taking(codes.map { UInt32(bitPattern: $0) })
    case .list(let offsets, let items): return .list(offsets: offsets, items: items.withoutDictionary())
    case .structure(let columns, let count): return .structure(columns.map { $0.withoutDictionary() }, count: count)
    default: return self
    }
  }

  /// The values at these positions, in their order; a dictionary is kept.
  ///
  /// - Precondition: each position is below ``count``.
  public func taking(_ positions: [UInt32]) -> ColumnValues {
    switch self {
    case .boolean(let bits): return .boolean(bits.taking(positions))
    case .int32(let list): return .int32(list.gathered(positions))
    case .int64(let list): return .int64(list.gathered(positions))
    case .float(let list): return .float(list.gathered(positions))
    case .double(let list): return .double(list.gathered(positions))
    case .bytes(let strings):
      var result = ByteStrings()
      let fits = unsafe gatherBytes(
        positions.span, offsets: strings.offsets.span, bytes: strings.bytes.span.bytes,
        appendingOffsetsTo: &result.offsets, bytesTo: &result.bytes)
      precondition(fits, "all values together below 2 GiB")
      return .bytes(result)
    case .fixed(let width, let bytes):
      var result: [UInt8] = []
      result.reserveCapacity(positions.count * width)
      for position in positions { result += bytes[Int(position) * width..<(Int(position) + 1) * width] }
      return .fixed(width: width, result)
    case .list(let offsets, let items):
      var ends: [Int32] = [0]
      var chosen: [UInt32] = []
      for position in positions {
        chosen += UInt32(offsets[Int(position)])..<UInt32(offsets[Int(position) + 1])
        ends.append(Int32(chosen.count))
      }
      return .list(offsets: ends, items: items.taking(chosen))
    case .structure(let columns, _): return .structure(columns.map { $0.taking(positions) }, count: positions.count)
    case .dictionary(let codes, let values): return .dictionary(codes: codes.gathered(positions), values: values)
    }
  }

  /// The same layout with `count` zero values.
  fileprivate func repeatingZero(_ count: Int) -> ColumnValues {
    switch self {
    case .boolean: .boolean(Bitmap(repeating: false, count: count))
    case .int32: .int32(Array(repeating: 0, count: count))
    case .int64: .int64(Array(repeating: 0, count: count))
    case .float: .float(Array(repeating: 0, count: count))
    case .double: .double(Array(repeating: 0, count: count))
    case .bytes: .bytes(ByteStrings(offsets: Array(repeating: 0, count: count + 1)))
    case .fixed(let width, _): .fixed(width: width, Array(repeating: 0, count: count * width))
    case .dictionary(_, let values): values.repeatingZero(count)
    case .list(_, let items): .list(offsets: Array(repeating: 0, count: count + 1), items: items.sliced(0..<0))
    case .structure(let columns, _):
      .structure(
        columns.map { Column(type: $0.type, values: $0.values.repeatingZero(count)) }, count: count)
    }
  }
}

extension Column {
  /// The same column without dictionaries; linear in its bytes.
  public func withoutDictionary() -> Column {
    Column(type: type, values: values.withoutDictionary(), validity: validity)
  }

  /// The rows at these positions, in their order; a dictionary is kept.
  ///
  /// - Precondition: each position is below ``count``.
  public func taking(_ positions: [UInt32]) -> Column {
    Column(type: type, values: values.taking(positions), validity: validity?.taking(positions))
  }
}

extension Array where Element: BitwiseCopyable {
  /// The elements at these positions.
  fileprivate func gathered(_ positions: [UInt32]) -> [Element] {
    var result: [Element] = []
    gather(positions.span, from: span, appendingTo: &result)
    return result
  }
}
