internal import Columnar

/// The order of a type's values, by which minimum and maximum are found (parquet.thrift, `ColumnOrder`).
enum ValueOrder: Hashable {
  case boolean
  case signed
  case unsigned
  case floating
  /// Half precision in two little-endian bytes.
  case halfPrecision
  /// Unsigned, byte by byte.
  case bytes
  /// Big-endian two's complement of any length.
  case bigEndian
  /// The format defines none.
  case undefined

  /// The order of a leaf's values.
  init(_ type: DataType, _ physical: PhysicalType) {
    switch type {
    case .boolean: self = .boolean
    case .unsigned: self = .unsigned
    case .int, .date, .time, .timestamp: self = .signed
    case .float, .double: self = .floating
    case .float16: self = .halfPrecision
    case .string, .enumeration, .json, .bson, .binary, .fixedBinary, .uuid: self = .bytes
    case .decimal: self = physical == .int32 || physical == .int64 ? .signed : .bigEndian
    case .null, .interval, .int96, .list, .structure, .map: self = .undefined
    }
  }

  /// Whether `a` comes before `b`; both must be values of the type (not null, not NaN).
  func isLess(_ a: Scalar, _ b: Scalar) -> Bool {
    switch (a, b) {
    case (.boolean(let a), .boolean(let b)): !a && b
    case (.int(let a), .int(let b)): a < b
    case (.unsigned(let a), .unsigned(let b)): a < b
    case (.float(let a), .float(let b)): a < b
    case (.double(let a), .double(let b)): a < b
    case (.bytes(let a), .bytes(let b)): isLess(a[...], b[...])
    default: false
    }
  }

  /// Whether the byte string `a` comes before `b`.
  func isLess(_ a: ArraySlice<UInt8>, _ b: ArraySlice<UInt8>) -> Bool {
    switch self {
    case .bigEndian: Self.isLessBigEndian(a, b)
    case .halfPrecision: Self.halfPrecision(a) < Self.halfPrecision(b)
    default: a.lexicographicallyPrecedes(b)
    }
  }

  private static func isLessBigEndian(_ a: ArraySlice<UInt8>, _ b: ArraySlice<UInt8>) -> Bool {
    let aIsNegative = (a.first ?? 0) >= 0x80
    let bIsNegative = (b.first ?? 0) >= 0x80
    if aIsNegative != bIsNegative { return aIsNegative }
    // Of one sign, two's complement compares as unsigned once both have one length.
    let width = max(a.count, b.count)
    let fill: UInt8 = aIsNegative ? 0xFF : 0
    func byte(_ value: ArraySlice<UInt8>, _ index: Int) -> UInt8 {
      let missing = width - value.count
      return index < missing ? fill : value[value.startIndex + index - missing]
    }
    for index in 0..<width where byte(a, index) != byte(b, index) { return byte(a, index) < byte(b, index) }
    return false
  }

  /// The number in two little-endian bytes, widened: sign, 5 bits of exponent (bias 15), 10 bits of fraction.
  static func halfPrecision(_ bytes: ArraySlice<UInt8>) -> Float {
    guard bytes.count == 2 else { return .nan }
    let bits = UInt32(bytes[bytes.startIndex]) | UInt32(bytes[bytes.startIndex + 1]) << 8
    let sign: Float = bits & 0x8000 == 0 ? 1 : -1
    let exponent = Int(bits >> 10 & 0x1F)
    let fraction = Float(bits & 0x3FF)
    switch exponent {
    case 0: return sign * fraction * 0x1p-24
    case 31: return fraction == 0 ? sign * .infinity : .nan
    default: return sign * Float(sign: .plus, exponent: exponent - 15, significand: 1 + fraction / 1024)
    }
  }
}
