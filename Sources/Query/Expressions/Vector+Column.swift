internal import Columnar
internal import Kernels

extension Vector {
  /// A column of a file as a vector.
  ///
  /// - Throws: ``QueryError`` where a time does not fit microseconds.
  init(_ column: Column) throws(QueryError) {
    let type = SQLType(column.type)
    let validity = column.validity
    if type.layout == .bytes, case .dictionary(let codes, .bytes(let strings)) = column.values {
      // An empty dictionary stands behind rows without values only.
      self.init(
        type, .coded(codes, TextDictionary(strings.count == 0 ? ByteStrings(offsets: [0, 0]) : strings)),
        validity: validity)
      return
    }
    if case .other = type {
      self.init(type, .other(column.withoutDictionary()), validity: validity)
      return
    }
    let dense = column.values.withoutDictionary()
    self.init(type, try Self.values(dense, column.type, type, validity), validity: validity)
  }

  private static func values(
    _ values: ColumnValues, _ dataType: DataType, _ type: SQLType, _ validity: Bitmap?
  ) throws(QueryError) -> Values {
    switch values {
    case .boolean(let bits): return .flags(unpackFlags(bits.words.span, count: bits.count))
    case .int32(let list):
      if case .decimal = dataType { return .wides(list.map { Int128($0) }) }
      if case .unsigned = dataType { return .ints(mapElements(list) { Int64(UInt32(bitPattern: $0)) }) }
      if case .time = dataType { return .ints(mapElements(list) { Int64($0) &* 1_000 }) }
      if dataType == .null { return .flags(Array(repeating: 0, count: list.count)) }
      return .narrow(list)
    case .int64(let list):
      switch dataType {
      case .decimal: return .wides(list.map { Int128($0) })
      case .unsigned: return .wides(list.map { Int128(UInt64(bitPattern: $0)) })
      case .timestamp(.milliseconds, _): return .ints(try scaled(list, by: 1_000, validity))
      case .time(.nanoseconds, _), .timestamp(.nanoseconds, true):
        return .ints(mapElements(list) { $0 / 1_000 })
      default: return .ints(list)
      }
    case .float(let list): return .doubles(mapElements(list) { Double($0) })
    case .double(let list): return .doubles(list)
    case .bytes(let strings):
      if case .decimal = dataType { return .wides((0..<strings.count).map { Int128(bigEndian: strings[$0]) }) }
      return .bytes(strings)
    case .fixed(let width, let bytes): return fixed(width, bytes, dataType)
    default: preconditionFailure("nested values were taken before")
    }
  }

  private static func scaled(_ list: [Int64], by factor: Int64, _ validity: Bitmap?) throws(QueryError) -> [Int64] {
    let limit = Int64.max / factor
    let isBeyond = foldElements(list, [limit], count: list.count) { flag($0 > $1) | flag($0 < 0 &- $1) } != 0
    if isBeyond {
      let isReal = list.indices.contains { (validity?[$0] ?? true) && abs(list[$0].clamped) > limit }
      if isReal { throw QueryError(.value, "a timestamp of a file does not fit microseconds") }
    }
    return mapElements(list) { $0 &* factor }
  }

  private static func fixed(_ width: Int, _ bytes: [UInt8], _ dataType: DataType) -> Values {
    let count = width == 0 ? 0 : bytes.count / width
    func item(_ row: Int) -> ArraySlice<UInt8> { bytes[row * width..<(row + 1) * width] }
    func little(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) } }
    switch dataType {
    case .decimal: return .wides((0..<count).map { Int128(bigEndian: item($0)) })
    case .float16:
      return .doubles((0..<count).map { Double(Float16(bitPattern: UInt16(little(item($0))))) })
    case .interval:
      return .intervals(
        (0..<count).map { row in
          let parts = item(row)
          return Interval(
            months: Int64(little(parts.prefix(4))), days: Int64(little(parts.dropFirst(4).prefix(4))),
            micros: Int64(little(parts.suffix(4))) * 1_000)
        })
    case .int96:
      return .ints(
        (0..<count).map { row in
          let parts = item(row)
          let days = Int64(little(parts.suffix(4))) - 2_440_588
          return days &* 86_400_000_000 &+ Int64(bitPattern: little(parts.prefix(8))) / 1_000
        })
    case .uuid:
      var strings = ByteStrings()
      for row in 0..<count { strings.append(UUIDText.bytes(item(row))) }
      return .bytes(strings)
    default:
      return .bytes(
        ByteStrings(offsets: (0...count).map { Int32($0 * width) }, bytes: bytes))
    }
  }

  /// The vector, which is no constant, as a column of results.
  func column(_ dataType: DataType? = nil) -> Column {
    let dataType = dataType ?? type.dataType
    let columnValues: ColumnValues
    switch values {
    case .flags(let list):
      columnValues =
        dataType == .null
        ? .int32(Array(repeating: 0, count: list.count))
        : .boolean(Bitmap(words: packFlags(list.span), count: list.count))
    case .narrow(let list): columnValues = .int32(list)
    case .ints(let list):
      let isNarrow = type == .date || (type.isInteger && type != .int64)
      columnValues = isNarrow ? .int32(list.map { Int32(truncatingIfNeeded: $0) }) : .int64(list)
    case .wides(let list):
      if type == .integer(bits: 64, isSigned: false) {
        columnValues = .int64(list.map { Int64(truncatingIfNeeded: $0) })
      } else {
        columnValues = .fixed(width: 16, list.flatMap(\.bigEndianBytes))
      }
    case .doubles(let list):
      columnValues = type == .float ? .float(list.map { Float($0) }) : .double(list)
    case .bytes(let strings): columnValues = .bytes(strings)
    case .coded(let codes, let dictionary): columnValues = .dictionary(codes: codes, values: .bytes(dictionary.strings))
    case .intervals(let list):
      var strings = ByteStrings()
      for interval in list { strings.append(interval.text.utf8) }
      columnValues = .bytes(strings)
    case .other(let column): return Column(type: dataType, values: column.values, validity: validity)
    }
    return Column(type: dataType, values: columnValues, validity: validity)
  }
}

extension Int64 {
  /// The number, or its neighbour where it has no counterpart of the other sign.
  fileprivate var clamped: Int64 { self == .min ? .min + 1 : self }
}

extension Int128 {
  /// Reads big-endian two's complement; bytes beyond sixteen are taken for the sign.
  init(bigEndian bytes: ArraySlice<UInt8>) {
    var value: Int128 = (bytes.first ?? 0) >= 0x80 ? -1 : 0
    for byte in bytes { value = value << 8 | Int128(byte) }
    self = value
  }

  /// Sixteen bytes, the highest first.
  var bigEndianBytes: [UInt8] {
    (0..<16).map { UInt8(truncatingIfNeeded: self >> Int128(8 * (15 - $0))) }
  }
}

/// The text form of a UUID.
enum UUIDText {
  static func bytes(_ raw: ArraySlice<UInt8>) -> [UInt8] {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    for (index, byte) in raw.enumerated() {
      if [4, 6, 8, 10].contains(index) { text.append(UInt8(ascii: "-")) }
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return text
  }
}
