internal import Columnar
internal import Kernels

/// Finds minimum, maximum and counts of a column chunk while it is written.
struct StatisticsBuilder: Sendable {
  private let column: LeafColumn
  private let order: ValueOrder
  private var min: Scalar?
  private var max: Scalar?
  /// Values that are null.
  var nullCount: Int64 = 0
  /// Values that are NaN.
  var nanCount: Int64 = 0

  /// Starts without any value.
  init(_ column: LeafColumn) {
    self.column = column
    order = ValueOrder(column.type, column.physicalType)
  }

  private mutating func include(_ low: Scalar, _ high: Scalar) {
    if min.map({ order.isLess(low, $0) }) ?? true { min = low }
    if max.map({ order.isLess($0, high) }) ?? true { max = high }
  }

  /// Takes numbers that lie back to back.
  mutating func add(numbers: RawSpan) {
    switch (column.physicalType, order) {
    case (.int32, .signed):
      if let found = extremesInt32(numbers) { include(.int(Int64(found.min)), .int(Int64(found.max))) }
    case (.int64, .signed):
      if let found = extremesInt64(numbers) { include(.int(found.min), .int(found.max)) }
    case (.int32, .unsigned):
      if let found = extremesUInt32(numbers) { include(.unsigned(UInt64(found.min)), .unsigned(UInt64(found.max))) }
    case (.int64, .unsigned):
      if let found = extremesUInt64(numbers) { include(.unsigned(found.min), .unsigned(found.max)) }
    case (.float, _):
      let found = extremesFloat(numbers)
      if found.min <= found.max { include(.float(found.min), .float(found.max)) }
      nanCount += Int64(found.nanCount)
    case (.double, _):
      let found = extremesDouble(numbers)
      if found.min <= found.max { include(.double(found.min), .double(found.max)) }
      nanCount += Int64(found.nanCount)
    default: break
    }
  }

  /// Takes byte strings, each of which occurs so many times.
  mutating func add(strings: borrowing ByteStrings, rows: Range<Int>, times: Int = 1) {
    switch order {
    case .bytes:
      let found = unsafe extremeByteStrings(
        offsets: strings.offsets.span, bytes: strings.bytes.span.bytes, rows: rows)
      guard let found else { return }
      // Compared in place first: a copy is made only for a new bound.
      if case .bytes(let low)? = min, !order.isLess(strings[found.min], low[...]) {
      } else {
        min = .bytes(Array(strings[found.min]))
      }
      if case .bytes(let high)? = max, !order.isLess(high[...], strings[found.max]) {
      } else {
        max = .bytes(Array(strings[found.max]))
      }
    case .bigEndian, .halfPrecision:
      for row in rows {
        if order == .halfPrecision, ValueOrder.halfPrecision(strings[row]).isNaN {
          nanCount += Int64(times)
          continue
        }
        let value = Scalar.bytes(Array(strings[row]))
        include(value, value)
      }
    default: break
    }
  }

  /// Takes booleans.
  mutating func add(booleans: Bitmap) {
    let trues = booleans.setCount
    if booleans.count > 0 { include(.boolean(trues == booleans.count), .boolean(trues > 0)) }
  }

  /// Takes what was found in other values of the column.
  mutating func merge(_ other: StatisticsBuilder) {
    if let low = other.min, let high = other.max { include(low, high) }
    nullCount += other.nullCount
    nanCount += other.nanCount
  }

  /// Whether there are bounds: false without any value, where all are NaN, and for types without an order.
  var hasBounds: Bool { min != nil && max != nil }

  /// Whether bounds rise (or fall, or neither) from these values to those.
  func boundaryOrder(to next: StatisticsBuilder) -> (rises: Bool, falls: Bool) {
    guard let low = min, let high = max, let nextLow = next.min, let nextHigh = next.max else { return (false, false) }
    return (
      !order.isLess(nextLow, low) && !order.isLess(nextHigh, high),
      !order.isLess(low, nextLow) && !order.isLess(high, nextHigh)
    )
  }

  /// The statistics in the form of the file.
  ///
  /// - Parameter limit: bytes after which bounds of byte strings are cut.
  func stored(limit: Int) -> StoredStatistics {
    var stored = StoredStatistics()
    stored.nullCount = nullCount
    if order == .floating || order == .halfPrecision { stored.nanCount = nanCount }
    guard order != .undefined, let low = min, let high = max else { return stored }
    stored.minValue = Self.minZero(low, order).plainBytes(column.physicalType)
    stored.maxValue = Self.maxZero(high, order).plainBytes(column.physicalType)
    stored.isMinValueExact = true
    stored.isMaxValueExact = true
    if order == .bytes, column.physicalType == .byteArray {
      truncate(&stored, limit: limit)
    }
    return stored
  }

  /// A minimum of zero is written as -0.0, for readers that tell the two apart.
  private static func minZero(_ value: Scalar, _ order: ValueOrder) -> Scalar {
    switch value {
    case .float(0): .float(-0.0)
    case .double(0): .double(-0.0)
    case .bytes(let bytes) where order == .halfPrecision && ValueOrder.halfPrecision(bytes[...]) == 0:
      .bytes([0x00, 0x80])
    default: value
    }
  }

  /// A maximum of zero is written as +0.0.
  private static func maxZero(_ value: Scalar, _ order: ValueOrder) -> Scalar {
    switch value {
    case .float(0): .float(0)
    case .double(0): .double(0)
    case .bytes(let bytes) where order == .halfPrecision && ValueOrder.halfPrecision(bytes[...]) == 0:
      .bytes([0x00, 0x00])
    default: value
    }
  }

  private func truncate(_ stored: inout StoredStatistics, limit: Int) {
    let isText: Bool =
      switch column.type {
      case .string, .enumeration, .json: true
      default: false
      }
    if let low = stored.minValue, low.count > limit {
      stored.minValue = BoundTruncation.lower(low, limit: limit, isText: isText)
      stored.isMinValueExact = false
    }
    if let high = stored.maxValue, high.count > limit {
      stored.maxValue = BoundTruncation.upper(high, limit: limit, isText: isText)
      stored.isMaxValueExact = stored.maxValue == nil ? nil : false
    }
  }
}
