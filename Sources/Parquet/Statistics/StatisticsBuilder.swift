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
  ///
  /// - Parameter countsNaN: false for the entries of a dictionary, each of which may occur many times.
  mutating func add(numbers: RawSpan, countsNaN: Bool) {
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
      if countsNaN { nanCount += Int64(found.nanCount) }
    case (.double, _):
      let found = extremesDouble(numbers)
      if found.min <= found.max { include(.double(found.min), .double(found.max)) }
      if countsNaN { nanCount += Int64(found.nanCount) }
    default: break
    }
  }

  /// Takes byte strings; `countsNaN` as for numbers.
  mutating func add(strings: borrowing ByteStrings, rows: Range<Int>, countsNaN: Bool) {
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
          nanCount += countsNaN ? 1 : 0
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
