import Columnar

extension DataType {
  /// What the values of a leaf mean: the logical type where it is known and fits the physical one, else the deprecated
  /// annotation, else the physical type alone (apache/parquet-format LogicalTypes.md).
  init(_ element: SchemaElement, _ physical: PhysicalType) {
    if let logical = element.logicalType, let type = DataType(logical, physical, length: element.typeLength) {
      self = type
    } else if let converted = element.convertedType,
      let logical = LogicalType(converted: converted, scale: element.scale, precision: element.precision),
      let type = DataType(logical, physical, length: element.typeLength)
    {
      self = type
    } else if element.convertedType == LogicalType.intervalConverted, physical == .fixedLengthByteArray,
      element.typeLength == 12
    {
      self = .interval
    } else {
      self = DataType(physical, length: element.typeLength)
    }
  }

  private init(_ physical: PhysicalType, length: Int32?) {
    switch physical {
    case .boolean: self = .boolean
    case .int32: self = .int(bits: 32)
    case .int64: self = .int(bits: 64)
    case .int96: self = .int96
    case .float: self = .float
    case .double: self = .double
    case .byteArray: self = .binary
    case .fixedLengthByteArray: self = .fixedBinary(width: Int(length ?? 0))
    }
  }

  private init?(_ logical: LogicalType, _ physical: PhysicalType, length: Int32?) {
    switch (logical, physical) {
    case (.string, .byteArray): self = .string
    case (.enumeration, .byteArray): self = .enumeration
    case (.json, .byteArray): self = .json
    case (.bson, .byteArray): self = .bson
    case (.uuid, .fixedLengthByteArray) where length == 16: self = .uuid
    case (.float16, .fixedLengthByteArray) where length == 2: self = .float16
    case (.date, .int32): self = .date
    case (.null, .int32): self = .null
    case (.time(.millis, let isUTC), .int32): self = .time(unit: .milliseconds, isAdjustedToUTC: isUTC)
    case (.time(let unit, let isUTC), .int64) where unit != .millis:
      self = .time(unit: TimeUnit(unit), isAdjustedToUTC: isUTC)
    case (.timestamp(let unit, let isUTC), .int64): self = .timestamp(unit: TimeUnit(unit), isAdjustedToUTC: isUTC)
    case (.integer(let bits, let isSigned), .int32) where [8, 16, 32].contains(bits):
      self = isSigned ? .int(bits: Int(bits)) : .unsigned(bits: Int(bits))
    case (.integer(64, let isSigned), .int64): self = isSigned ? .int(bits: 64) : .unsigned(bits: 64)
    case (.decimal(let precision, let scale), _):
      guard DataType.admitsDecimal(physical, precision: precision, scale: scale) else { return nil }
      self = .decimal(precision: Int(precision), scale: Int(scale))
    default: return nil
    }
  }

  private static func admitsDecimal(_ physical: PhysicalType, precision: Int32, scale: Int32) -> Bool {
    guard precision > 0, scale >= 0, scale <= precision else { return false }
    switch physical {
    case .int32: return precision <= 9
    case .int64: return precision <= 18
    case .byteArray, .fixedLengthByteArray: return true
    default: return false
    }
  }
}

extension TimeUnit {
  /// The unit of a logical type.
  init(_ unit: LogicalTimeUnit) {
    switch unit {
    case .millis: self = .milliseconds
    case .micros: self = .microseconds
    case .nanos: self = .nanoseconds
    }
  }
}

extension LogicalType {
  /// INTERVAL has a converted type but no logical one.
  static let intervalConverted: Int32 = 21

  /// The logical type of a deprecated annotation; `nil` where there is none.
  init?(converted: Int32, scale: Int32?, precision: Int32?) {
    switch converted {
    case 0: self = .string
    case 4: self = .enumeration
    case 5: self = .decimal(precision: precision ?? 0, scale: scale ?? 0)
    case 6: self = .date
    case 7: self = .time(unit: .millis, isAdjustedToUTC: true)
    case 8: self = .time(unit: .micros, isAdjustedToUTC: true)
    case 9: self = .timestamp(unit: .millis, isAdjustedToUTC: true)
    case 10: self = .timestamp(unit: .micros, isAdjustedToUTC: true)
    case 11...14: self = .integer(bits: 8 << Int8(converted - 11), isSigned: false)
    case 15...18: self = .integer(bits: 8 << Int8(converted - 15), isSigned: true)
    case 19: self = .json
    case 20: self = .bson
    default: return nil
    }
  }

  /// The deprecated annotation that says the same; `nil` where there is none.
  var converted: Int32? {
    switch self {
    case .string: 0
    case .map: 1
    case .list: 3
    case .enumeration: 4
    case .decimal: 5
    case .date: 6
    case .time(.millis, _): 7
    case .time(.micros, _): 8
    case .timestamp(.millis, _): 9
    case .timestamp(.micros, _): 10
    case .integer(let bits, let isSigned): (isSigned ? 15 : 11) + Int32(bits.trailingZeroBitCount) - 3
    case .json: 19
    case .bson: 20
    default: nil
    }
  }
}
