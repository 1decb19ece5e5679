import Columnar
import Kernels

/// Columns of random type and content, reproducible by their seed.
struct SampleColumns {
  private var random: SplitMix64

  init(seed: UInt64) { random = SplitMix64(seed: seed) }

  private mutating func next() -> UInt64 { random.next() }

  /// A number from 0 up to `bound`.
  mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(max(bound, 1))) }

  /// One of these.
  mutating func pick<Value>(_ values: [Value]) -> Value { values[below(values.count)] }

  /// True once in `times`.
  mutating func once(in times: Int) -> Bool { below(times) == 0 }

  /// The leaf types of the samples; types that other readers refuse are left to the unit tests.
  static let leafTypes: [DataType] = [
    .boolean, .int(bits: 8), .int(bits: 16), .int(bits: 32), .int(bits: 64), .unsigned(bits: 8), .unsigned(bits: 16),
    .unsigned(bits: 32), .unsigned(bits: 64), .float16, .float, .double, .decimal(precision: 9, scale: 2),
    .decimal(precision: 18, scale: 4), .decimal(precision: 30, scale: 3), .date,
    .time(unit: .milliseconds, isAdjustedToUTC: true), .time(unit: .microseconds, isAdjustedToUTC: true),
    .time(unit: .nanoseconds, isAdjustedToUTC: true), .timestamp(unit: .milliseconds, isAdjustedToUTC: true),
    .timestamp(unit: .microseconds, isAdjustedToUTC: false), .timestamp(unit: .nanoseconds, isAdjustedToUTC: true),
    .string, .json, .binary, .fixedBinary(width: 5), .uuid,
  ]

  /// A random type, with at most `depth` groups around its leaves.
  mutating func type(depth: Int) -> DataType {
    guard depth > 0, !once(in: 3) else { return pick(Self.leafTypes) }
    switch below(3) {
    case 0: return .list(Field("element", type(depth: depth - 1), isNullable: !once(in: 3)))
    case 1:
      return .structure((0...below(3)).map { Field("f\($0)", type(depth: depth - 1), isNullable: !once(in: 3)) })
    default:
      return .map(
        key: Field("key", pick([.string, .int(bits: 32), .date]), isNullable: false),
        value: Field("value", type(depth: depth - 1), isNullable: !once(in: 3)))
    }
  }

  /// A column of `count` rows; `isNullable` columns have nulls with some chance.
  mutating func column(_ type: DataType, isNullable: Bool, count: Int) -> Column {
    var validity: Bitmap?
    if isNullable, !once(in: 4) {
      let share = pick([1, 2, 9, 10])
      validity = Bitmap((0..<count).map { _ in below(10) < share })
    }
    return Column(type: type, values: values(type, count), validity: validity)
  }

  private mutating func values(_ type: DataType, _ count: Int) -> ColumnValues {
    switch type {
    case .list(let item):
      let offsets = offsets(count)
      return .list(
        offsets: offsets, items: column(item.type, isNullable: item.isNullable, count: Int(offsets[count])))
    case .map(let key, let value):
      let offsets = offsets(count)
      let size = Int(offsets[count])
      let entries = ColumnValues.structure(
        [
          keys(key.type, size),
          column(value.type, isNullable: value.isNullable, count: size),
        ], count: size)
      return .list(offsets: offsets, items: Column(type: .structure([key, value]), values: entries))
    case .structure(let fields):
      return .structure(
        fields.map { column($0.type, isNullable: $0.isNullable, count: count) }, count: count)
    default: return leaf(type, count)
    }
  }

  /// Keys that occur once: of repeated ones some readers keep the last alone.
  private mutating func keys(_ type: DataType, _ count: Int) -> Column {
    let start = below(1_000)
    if type == .string {
      let texts = (0..<count).reduce(into: ByteStrings()) { $0.append("key \(start + $1)".utf8) }
      return Column(type: type, values: .bytes(texts))
    }
    return Column(type: type, values: .int32((0..<count).map { Int32(start + $0) }))
  }

  private mutating func offsets(_ count: Int) -> [Int32] {
    var offsets: [Int32] = [0]
    let longest = pick([2, 4, 9])
    for _ in 0..<count { offsets.append(offsets[offsets.count - 1] + Int32(once(in: 4) ? 0 : below(longest))) }
    return offsets
  }

  /// Numbers of one of several shapes, so that each encoding is of use somewhere.
  private mutating func numbers(_ count: Int, bits: Int) -> [Int64] {
    let mask: Int64 = bits == 64 ? -1 : (1 << Int64(bits)) - 1
    let distinct = pick([1, 3, 50, 1_000_000])
    switch below(4) {
    case 0: return (0..<count).map { _ in Int64(bitPattern: next()) & mask }
    case 1: return (0..<count).map { _ in Int64(below(distinct)) & mask }
    case 2:
      var last = Int64(below(1 << min(bits - 1, 40)))
      return (0..<count).map { _ in
        last = (last &+ Int64(below(20)) - 5) & mask
        return last
      }
    default:
      var run = 0
      var value: Int64 = 0
      return (0..<count).map { _ in
        if run == 0 { (run, value) = (1 + below(200), Int64(below(distinct)) & mask) }
        run -= 1
        return value
      }
    }
  }

  private mutating func leaf(_ type: DataType, _ count: Int) -> ColumnValues {
    func signed(_ numbers: [Int64], _ bits: Int) -> [Int32] {
      numbers.map { Int32(truncatingIfNeeded: ($0 << Int64(64 - bits)) >> Int64(64 - bits)) }
    }
    switch type {
    case .boolean: return .boolean(Bitmap(numbers(count, bits: 1).map { $0 == 1 }))
    case .int(64), .unsigned(64), .timestamp(.nanoseconds, _): return .int64(numbers(count, bits: 64))
    case .timestamp: return .int64(numbers(count, bits: 44))
    case .time(.milliseconds, _): return .int32(numbers(count, bits: 26).map { Int32($0) })
    case .time: return .int64(numbers(count, bits: 36))
    case .date: return .int32(numbers(count, bits: 16).map { Int32($0) })
    case .int(let bits): return .int32(signed(numbers(count, bits: bits), bits))
    case .unsigned(let bits): return .int32(numbers(count, bits: bits).map { Int32(truncatingIfNeeded: $0) })
    case .decimal(let precision, _) where precision <= 9: return .int32(numbers(count, bits: 29).map { Int32($0) })
    case .decimal(let precision, _) where precision <= 18: return .int64(numbers(count, bits: 59))
    case .decimal: return .fixed(width: 13, numbers(count, bits: 50).flatMap { bigEndian($0, 13) })
    case .float: return .float(numbers(count, bits: 20).map { Float($0) / 10 })
    case .double: return .double(doubles(count))
    case .float16: return .fixed(width: 2, numbers(count, bits: 14).flatMap { bigEndian($0, 2).reversed() })
    case .fixedBinary(let width): return .fixed(width: width, numbers(count, bits: 40).flatMap { bigEndian($0, width) })
    case .uuid: return .fixed(width: 16, numbers(count, bits: 60).flatMap { bigEndian($0, 16) })
    default: return .bytes(strings(type, count))
    }
  }

  private mutating func doubles(_ count: Int) -> [Double] {
    if once(in: 3) { return (0..<count).map { _ in Double(bitPattern: next()) } }
    if once(in: 2) { return (0..<count).map { _ in Double(below(1 << 30)) / 7 } }
    return numbers(count, bits: 20).map { Double($0) / 10 }
  }

  private func bigEndian(_ value: Int64, _ width: Int) -> [UInt8] {
    (0..<width).reversed().map { $0 >= 8 ? (value < 0 ? 0xFF : 0) : UInt8(truncatingIfNeeded: value >> Int64(8 * $0)) }
  }

  private mutating func strings(_ type: DataType, _ count: Int) -> ByteStrings {
    var result = ByteStrings()
    let prefix = pick(["", "patient-", "https://example.org/observation/"])
    let isLong = once(in: 5)
    for number in numbers(count, bits: 40) {
      switch type {
      case .json: result.append("{\"n\":\(number)}".utf8)
      case .binary: result.append(bigEndian(number, 1 + Int(number & 7)))
      default: result.append((prefix + (isLong ? String(repeating: "ä", count: 70) : "") + String(number)).utf8)
      }
    }
    return result
  }
}
