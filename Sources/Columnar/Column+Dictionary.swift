internal import Kernels

extension ColumnValues {
  /// The same values without a dictionary, each row with its own copy; linear in their bytes.
  ///
  /// - Precondition: each code names a value, except that an empty dictionary may stand behind rows that are all null.
  public func withoutDictionary() -> ColumnValues {
    guard case .dictionary(let codes, let values) = self else { return self }
    let dense = values.withoutDictionary()
    if dense.count == 0 { return dense.repeatingZero(codes.count) }
    let positions = codes.map { UInt32(bitPattern: $0) }
    switch dense {
    case .boolean(let bits): return .boolean(Bitmap(codes.map { bits[Int($0)] }))
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
      result.reserveCapacity(codes.count * width)
      for code in codes { result.append(contentsOf: bytes[Int(code) * width..<(Int(code) + 1) * width]) }
      return .fixed(width: width, result)
    case .dictionary: preconditionFailure("a dictionary of a dictionary was looked through above")
    }
  }

  /// The same layout with `count` zero values.
  private func repeatingZero(_ count: Int) -> ColumnValues {
    switch self {
    case .boolean: .boolean(Bitmap(repeating: false, count: count))
    case .int32: .int32(Array(repeating: 0, count: count))
    case .int64: .int64(Array(repeating: 0, count: count))
    case .float: .float(Array(repeating: 0, count: count))
    case .double: .double(Array(repeating: 0, count: count))
    case .bytes: .bytes(ByteStrings(offsets: Array(repeating: 0, count: count + 1)))
    case .fixed(let width, _): .fixed(width: width, Array(repeating: 0, count: count * width))
    case .dictionary(_, let values): values.repeatingZero(count)
    }
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
