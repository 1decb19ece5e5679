internal import Columnar

extension SchemaElement {
  /// The leaf that stores a field: physical type, logical type, and the deprecated annotation for old readers.
  ///
  /// - Parameter layout: the memory layout of the column's values, which decides how a decimal is stored.
  init(_ field: Field, layout: ColumnValues?) throws(ParquetError) {
    self.init(name: field.name)
    repetition = field.isNullable ? .optional : .required
    fieldID = field.fieldID
    try setPhysicalType(field.type, layout: layout)
    logicalType = Self.logicalType(field.type)
    convertedType = field.type == .interval ? LogicalType.intervalConverted : logicalType?.converted
    if case .decimal(let precision, let scale) = logicalType {
      self.precision = precision
      self.scale = scale
    }
  }

  private mutating func setPhysicalType(_ type: DataType, layout: ColumnValues?) throws(ParquetError) {
    switch type {
    case .boolean: physicalType = .boolean
    case .int(let bits), .unsigned(let bits):
      guard [8, 16, 32, 64].contains(bits) else {
        throw ParquetError(.invalidParameter, "integers of \(bits) bits").located(column: name)
      }
      physicalType = bits == 64 ? .int64 : .int32
    case .null, .date: physicalType = .int32
    case .float: physicalType = .float
    case .double: physicalType = .double
    case .time(let unit, _): physicalType = unit == .milliseconds ? .int32 : .int64
    case .timestamp: physicalType = .int64
    case .int96: physicalType = .int96
    case .string, .enumeration, .json, .bson, .binary: physicalType = .byteArray
    case .float16: setFixed(2)
    case .interval: setFixed(12)
    case .uuid: setFixed(16)
    case .fixedBinary(let width): try setFixed(checked: width)
    case .decimal(let precision, let scale): try setDecimal(precision: precision, scale: scale, layout: layout)
    case .list, .structure, .map:
      preconditionFailure("groups are made by WriteTree")
    }
  }

  private mutating func setFixed(_ width: Int32) {
    physicalType = .fixedLengthByteArray
    typeLength = width
  }

  private mutating func setFixed(checked width: Int) throws(ParquetError) {
    guard let length = Int32(exactly: width), length > 0 else {
      throw ParquetError(.invalidParameter, "values of \(width) bytes").located(column: name)
    }
    setFixed(length)
  }

  /// Digits that fit in each physical type: LogicalTypes.md, "DECIMAL".
  private mutating func setDecimal(precision: Int, scale: Int, layout: ColumnValues?) throws(ParquetError) {
    guard precision > 0, precision <= 1_000, scale >= 0, scale <= precision else {
      throw ParquetError(.invalidParameter, "a decimal of \(precision) digits, \(scale) behind the point")
        .located(column: name)
    }
    switch layout {
    case .int32 where precision <= 9: physicalType = .int32
    case .int64 where precision <= 18: physicalType = .int64
    case .bytes: physicalType = .byteArray
    case .fixed(let width, _): try setFixed(checked: width)
    case .dictionary(_, let values): try setDecimal(precision: precision, scale: scale, layout: values)
    case nil where precision <= 9: physicalType = .int32
    case nil where precision <= 18: physicalType = .int64
    case nil: physicalType = .byteArray
    default:
      throw ParquetError(.invalidParameter, "a decimal of \(precision) digits in a layout too small for it")
        .located(column: name)
    }
  }

  private static func logicalType(_ type: DataType) -> LogicalType? {
    switch type {
    case .null: .null
    case .boolean, .float, .double, .int96, .interval, .binary, .fixedBinary, .structure: nil
    case .list: .list
    case .map: .map
    // Plain INT32 and INT64 need no annotation.
    case .int(32), .int(64): nil
    case .int(let bits): .integer(bits: Int8(bits), isSigned: true)
    case .unsigned(let bits): .integer(bits: Int8(bits), isSigned: false)
    case .float16: .float16
    case .decimal(let precision, let scale): .decimal(precision: Int32(precision), scale: Int32(scale))
    case .date: .date
    case .time(let unit, let isUTC): .time(unit: LogicalTimeUnit(unit), isAdjustedToUTC: isUTC)
    case .timestamp(let unit, let isUTC): .timestamp(unit: LogicalTimeUnit(unit), isAdjustedToUTC: isUTC)
    case .string: .string
    case .enumeration: .enumeration
    case .json: .json
    case .bson: .bson
    case .uuid: .uuid
    }
  }
}

extension LogicalTimeUnit {
  /// The unit in a file.
  init(_ unit: TimeUnit) {
    switch unit {
    case .milliseconds: self = .millis
    case .microseconds: self = .micros
    case .nanoseconds: self = .nanos
    }
  }
}
