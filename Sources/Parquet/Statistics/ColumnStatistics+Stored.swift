internal import Columnar

extension ColumnStatistics {
  /// Typed statistics out of stored ones, leaving out what cannot be trusted.
  ///
  /// The rules are those of parquet.thrift (`Statistics`, `ColumnOrder`): bounds need a known order; NaN bounds are
  /// ignored; a zero bound stands for both zeros; the deprecated pair holds signed comparisons only.
  init(_ stored: StoredStatistics, column: LeafColumn, element: SchemaElement, order: ColumnOrder?) {
    self.init()
    nullCount = stored.nullCount.flatMap { $0 >= 0 ? $0 : nil }
    distinctCount = stored.distinctCount.flatMap { $0 >= 0 ? $0 : nil }
    nanCount = stored.nanCount.flatMap { $0 >= 0 ? $0 : nil }
    let valueOrder = Self.hasUndefinedOrder(element) ? .undefined : ValueOrder(column.type, column.physicalType)
    guard valueOrder != .undefined else { return }
    let isUsable: Bool =
      switch order {
      case nil, .typeDefined: true
      case .ieee754TotalOrder: valueOrder == .floating || valueOrder == .halfPrecision
      case .int96Timestamp, .unknown: false
      }
    guard isUsable else { return }
    if let low = stored.minValue, let high = stored.maxValue {
      setBounds(low, high, column)
      isMinExact = min == nil ? nil : stored.isMinValueExact
      isMaxExact = max == nil ? nil : stored.isMaxValueExact
    } else if let low = stored.min, let high = stored.max,
      valueOrder == .signed || valueOrder == .floating || valueOrder == .boolean
    {
      setBounds(low, high, column)
    }
  }

  /// Logical types without an order whose values are read as plain bytes.
  private static func hasUndefinedOrder(_ element: SchemaElement) -> Bool {
    switch element.logicalType {
    case .variant, .geometry, .geography, .unknown: true
    default: element.convertedType == LogicalType.intervalConverted
    }
  }

  private mutating func setBounds(_ low: [UInt8], _ high: [UInt8], _ column: LeafColumn) {
    guard var low = Scalar(plain: low, column), var high = Scalar(plain: high, column) else { return }
    if low.isNaN(column.type) || high.isNaN(column.type) { return }
    if low == .float(0) { low = .float(-0.0) }
    if low == .double(0) { low = .double(-0.0) }
    if high == .float(0) { high = .float(0) }
    if high == .double(0) { high = .double(0) }
    min = low
    max = high
  }
}

extension Scalar {
  /// The value whose PLAIN encoding, without a length before it, is `bytes`; `nil` when their number is wrong.
  init?(plain bytes: [UInt8], _ column: LeafColumn) {
    func pattern(_ count: Int) -> UInt64? {
      guard bytes.count == count else { return nil }
      return bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
    var isUnsigned = false
    if case .unsigned = column.type { isUnsigned = true }
    switch column.physicalType {
    case .boolean:
      guard bytes.count == 1 else { return nil }
      self = .boolean(bytes[0] & 1 == 1)
    case .int32:
      guard let value = pattern(4) else { return nil }
      self = isUnsigned ? .unsigned(value) : .int(Int64(Int32(truncatingIfNeeded: value)))
    case .int64:
      guard let value = pattern(8) else { return nil }
      self = isUnsigned ? .unsigned(value) : .int(Int64(bitPattern: value))
    case .float:
      guard let value = pattern(4) else { return nil }
      self = .float(Float(bitPattern: UInt32(truncatingIfNeeded: value)))
    case .double:
      guard let value = pattern(8) else { return nil }
      self = .double(Double(bitPattern: value))
    case .int96, .fixedLengthByteArray:
      guard bytes.count == column.typeLength else { return nil }
      self = .bytes(bytes)
    case .byteArray: self = .bytes(bytes)
    }
  }

  /// Whether the value is not a number.
  func isNaN(_ type: DataType) -> Bool {
    switch self {
    case .float(let value): value.isNaN
    case .double(let value): value.isNaN
    case .bytes(let bytes): type == .float16 && ValueOrder.halfPrecision(bytes[...]).isNaN
    default: false
    }
  }

  /// The PLAIN encoding of a value of this physical type, without a length before it.
  func plainBytes(_ physical: PhysicalType) -> [UInt8] {
    func bytes(_ pattern: UInt64, _ count: Int) -> [UInt8] {
      (0..<count).map { UInt8(truncatingIfNeeded: pattern >> UInt64(8 * $0)) }
    }
    let width = physical == .int32 ? 4 : 8
    switch self {
    case .null, .list, .structure: return []
    case .boolean(let value): return [value ? 1 : 0]
    case .int(let value): return bytes(UInt64(bitPattern: value), width)
    case .unsigned(let value): return bytes(value, width)
    case .float(let value): return bytes(UInt64(value.bitPattern), 4)
    case .double(let value): return bytes(value.bitPattern, 8)
    case .bytes(let value): return value
    }
  }
}
