import Columnar
import Kernels

/// Columns of random content, reproducible by their seed.
struct RandomColumns {
  var generator: SplitMix64

  init(seed: UInt64) { generator = SplitMix64(seed: seed) }

  /// One type of each kind that a file can hold.
  static let types: [DataType] = [
    .null, .boolean, .int(bits: 8), .int(bits: 16), .int(bits: 32), .int(bits: 64), .unsigned(bits: 8),
    .unsigned(bits: 16), .unsigned(bits: 32), .unsigned(bits: 64), .float16, .float, .double,
    .decimal(precision: 9, scale: 2), .decimal(precision: 18, scale: 4), .decimal(precision: 38, scale: 10), .date,
    .time(unit: .milliseconds, isAdjustedToUTC: true), .time(unit: .microseconds, isAdjustedToUTC: false),
    .time(unit: .nanoseconds, isAdjustedToUTC: true), .timestamp(unit: .milliseconds, isAdjustedToUTC: true),
    .timestamp(unit: .microseconds, isAdjustedToUTC: true), .timestamp(unit: .nanoseconds, isAdjustedToUTC: false),
    .int96, .interval, .string, .enumeration, .json, .bson, .binary, .fixedBinary(width: 5), .uuid,
  ]

  /// A column of `count` rows.
  ///
  /// - Parameters:
  ///   - distinct: how many different values it draws from; `nil` for any.
  ///   - nulls: how many of ten rows are null; `nil` for no bitmap at all.
  mutating func column(_ type: DataType, count: Int, distinct: Int?, nulls: Int?) -> Column {
    var validity: Bitmap?
    if type == .null {
      validity = Bitmap(repeating: false, count: count)
    } else if let nulls {
      // In stretches, so that runs of levels occur.
      var flags: [Bool] = []
      while flags.count < count {
        let isValid = Int.random(in: 0..<10, using: &generator) >= nulls
        let length = Bool.random(using: &generator) ? 1 : Int.random(in: 1...150, using: &generator)
        flags += Array(repeating: isValid, count: min(length, count - flags.count))
      }
      validity = Bitmap(flags)
    }
    return Column(type: type, values: values(type, count: count, distinct: distinct), validity: validity)
  }

  private mutating func values(_ type: DataType, count: Int, distinct: Int?) -> ColumnValues {
    func pick<Value>(_ generator: inout SplitMix64, _ make: (inout SplitMix64) -> Value) -> [Value] {
      guard let distinct else { return (0..<count).map { _ in make(&generator) } }
      let pool = (0..<distinct).map { _ in make(&generator) }
      return (0..<count).map { _ in pool[Int.random(in: 0..<distinct, using: &generator)] }
    }
    switch type {
    case .null: return .int32(Array(repeating: 0, count: count))
    case .boolean: return .boolean(Bitmap(pick(&generator) { Bool.random(using: &$0) }))
    case .int(64), .unsigned(64), .timestamp, .time(.microseconds, _), .time(.nanoseconds, _):
      return .int64(pick(&generator) { Int64.random(in: .min ... .max, using: &$0) })
    case .decimal(let precision, _) where precision > 9 && precision <= 18:
      return .int64(
        pick(&generator) { Int64.random(in: -999_999_999_999_999_999...999_999_999_999_999_999, using: &$0) })
    case .decimal(let precision, _) where precision <= 9:
      return .int32(pick(&generator) { Int32.random(in: -999_999_999...999_999_999, using: &$0) })
    case .int(let bits): return .int32(pick(&generator) { Int32.random(in: .min ... .max, using: &$0) >> (32 - bits) })
    case .unsigned(let bits):
      return .int32(
        pick(&generator) { Int32(bitPattern: UInt32.random(in: 0 ... .max, using: &$0) >> UInt32(32 - bits)) })
    case .date, .time: return .int32(pick(&generator) { Int32.random(in: 0..<86_400_000, using: &$0) })
    case .float: return .float(pick(&generator) { Float(bitPattern: UInt32.random(in: 0 ... .max, using: &$0)) })
    case .double: return .double(pick(&generator) { Double(bitPattern: UInt64.random(in: 0 ... .max, using: &$0)) })
    case .string, .enumeration, .json, .bson, .binary, .decimal:
      let lengths = type == .decimal(precision: 38, scale: 10) ? 1...16 : 0...40
      let isText = type == .string || type == .enumeration || type == .json
      let strings = pick(&generator) { generator in
        (0..<Int.random(in: lengths, using: &generator)).map { _ in
          UInt8.random(in: isText ? 32...126 : 0...255, using: &generator)
        }
      }
      var result = ByteStrings()
      for string in strings { result.append(string) }
      return .bytes(result)
    case .float16, .int96, .interval, .fixedBinary, .uuid:
      let width = Self.width(type)
      let strings = pick(&generator) { generator in
        (0..<width).map { _ in UInt8.random(in: 0...255, using: &generator) }
      }
      return .fixed(width: width, strings.flatMap { $0 })
    case .list, .structure, .map: preconditionFailure("nested columns are made of their leaves")
    }
  }

  private static func width(_ type: DataType) -> Int {
    switch type {
    case .float16: 2
    case .uuid: 16
    case .fixedBinary(let width): width
    default: 12
    }
  }
}
