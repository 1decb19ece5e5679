import Columnar
import Kernels

/// Turns columns into words whose unsigned order is that of the rows: the order of values, rows without one last.
///
/// Texts become their rank among those at hand and numbers their distance from the smallest, so that several columns
/// often fit into one word. Words of different pools cannot be compared.
enum SortKeys {
  /// A column's place in the order of rows, and how many bits the largest takes.
  private struct Ranks {
    var values: [UInt64]
    var bits: Int
  }

  /// The positions of a pool's rows in their order; equal rows keep the order in which they came.
  ///
  /// - Parameter curve: what decides before the columns do.
  static func positions(
    _ pool: RowPool, _ order: RowOrder, _ curve: ZCurve? = nil
  ) throws(MaintenanceError) -> [UInt32] {
    var positions = Array(0..<UInt32(pool.rowCount))
    var words: [Ranks] = []
    if let curve { words.append(Ranks(values: curve.places(pool), bits: 64)) }
    for name in order.columns {
      guard let column = pool.column(name) else { continue }
      let next = try ranks(column, name: name)
      if let last = words.last, last.bits + next.bits <= 64 {
        let shift = UInt64(next.bits)
        let joined = zipElements(last.values, next.values, count: pool.rowCount) { $0 &<< shift | $1 }
        words[words.count - 1] = Ranks(values: joined, bits: last.bits + next.bits)
      } else {
        words.append(next)
      }
    }
    for word in words.reversed() { sortPositions(&positions, by: word.values.span) }
    return positions
  }

  /// Whether rows can be sorted by values of a type.
  static func canSort(by type: DataType) -> Bool {
    switch type {
    case .boolean, .int, .unsigned, .float, .double, .date, .time, .timestamp, .string, .enumeration, .json, .binary:
      true
    case .decimal(let precision, _): precision <= 18
    default: false
    }
  }

  private static func ranks(_ column: Column, name: String) throws(MaintenanceError) -> Ranks {
    switch column.values {
    case .dictionary(let codes, .bytes(let strings)): return textRanks(codes, strings, column.validity)
    case .bytes(let strings):
      return textRanks(Array(0..<Int32(strings.count)), strings, column.validity)
    default:
      guard let words = words(column) else {
        throw MaintenanceError(
          .refused, "rows cannot be sorted by the column \(name): values of its type have no order")
      }
      return distances(words, column.validity)
    }
  }

  /// Numbers as words whose unsigned order is theirs; `nil` for values that are no numbers.
  static func words(_ column: Column) -> [UInt64]? {
    let sign: UInt64 = if case .unsigned = column.type { 0 } else { 1 << 63 }
    switch column.values {
    case .boolean(let bits):
      return mapElements(unpackFlags(bits.words.span, count: bits.count)) { UInt64($0) }
    case .int32(let list) where sign == 0: return mapElements(list) { UInt64(UInt32(bitPattern: $0)) }
    case .int32(let list): return mapElements(list) { UInt64(bitPattern: Int64($0)) ^ sign }
    case .int64(let list): return mapElements(list) { UInt64(bitPattern: $0) ^ sign }
    case .float(let list): return mapElements(list) { floatOrder(Double($0)) }
    case .double(let list): return mapElements(list) { floatOrder($0) }
    case .dictionary: return column.values.withoutDictionary().isNumbers ? words(column.withoutDictionary()) : nil
    default: return nil
    }
  }

  /// Both zeros are equal, and NaN comes after all numbers.
  private static func floatOrder(_ value: Double) -> UInt64 {
    if value.isNaN { return .max }
    let bits = (value == 0 ? 0 : value).bitPattern
    return bits >> 63 == 1 ? ~bits : bits | 1 << 63
  }

  /// Numbers as their distance from the smallest, null as the largest distance and one more.
  private static func distances(_ numbers: [UInt64], _ validity: Bitmap?) -> Ranks {
    let valid = validity.map { unpackFlags($0.words.span, count: $0.count) }
    var (low, high) = (UInt64.max, UInt64.min)
    for index in numbers.indices where valid?[index] != 0 {
      low = min(low, numbers[index])
      high = max(high, numbers[index])
    }
    if low > high { return Ranks(values: mapElements(numbers) { _ in 0 }, bits: 0) }
    var values = mapElements(numbers) { [low] in $0 &- low }
    var last = high - low
    if let valid {
      // Where numbers reach from end to end there is no room above them: null is then as large as the largest.
      last = last == .max ? last : last + 1
      values = zipElements(values, valid, count: values.count) { [last] in $1 == 0 ? last : $0 }
    }
    return Ranks(values: values, bits: 64 - last.leadingZeroBitCount)
  }

  private static func textRanks(_ codes: [Int32], _ strings: ByteStrings, _ validity: Bitmap?) -> Ranks {
    let order = TextOrder.positions(strings)
    var ranks = [UInt64](repeating: 0, count: max(1, strings.count))
    var rank: UInt64 = 0
    for (place, position) in order.enumerated() {
      if place > 0, strings[Int(order[place - 1])] != strings[Int(position)] { rank += 1 }
      ranks[Int(position)] = rank
    }
    return distances(codes.map { ranks[Int($0)] }, validity)
  }
}

/// Puts texts into the order of their bytes.
enum TextOrder {
  static func positions(_ strings: ByteStrings) -> [UInt32] {
    // Most texts differ in their first bytes, which are compared as a number.
    let heads = (0..<strings.count).map { head(strings[$0]) }
    var positions = Array(0..<UInt32(strings.count))
    positions.sort { a, b in
      let (first, second) = (heads[Int(a)], heads[Int(b)])
      if first != second { return first < second }
      return strings[Int(a)].lexicographicallyPrecedes(strings[Int(b)])
    }
    return positions
  }

  private static func head(_ text: ArraySlice<UInt8>) -> UInt64 {
    var word: UInt64 = 0
    var count = 0
    for byte in text.prefix(8) {
      word = word << 8 | UInt64(byte)
      count += 1
    }
    return count == 8 ? word : word << UInt64(8 * (8 - count))
  }
}

extension ColumnValues {
  fileprivate var isNumbers: Bool {
    switch self {
    case .boolean, .int32, .int64, .float, .double: true
    default: false
    }
  }
}
