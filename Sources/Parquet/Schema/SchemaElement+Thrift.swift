extension SchemaElement {
  /// Reads a node (parquet.thrift, `SchemaElement`).
  init(from reader: inout ThriftReader) throws(ParquetError) {
    self.init(name: "")
    try reader.structure { (reader, field) throws(ParquetError) in
      switch field.id {
      case 1:
        if let value = try reader.int32(field) {
          guard let type = PhysicalType(rawValue: value) else {
            throw ParquetError(.notSupported, "physical type \(value)")
          }
          physicalType = type
        }
      case 2: typeLength = try reader.int32(field)
      case 3: repetition = try reader.int32(field).flatMap { Repetition(rawValue: $0) }
      case 4: name = try reader.string(field) ?? ""
      case 5: childCount = try reader.int32(field)
      case 6: convertedType = try reader.int32(field)
      case 7: scale = try reader.int32(field)
      case 8: precision = try reader.int32(field)
      case 9: fieldID = try reader.int32(field)
      case 10:
        logicalType = try reader.structure(field) { (reader) throws(ParquetError) in try LogicalType(from: &reader) }
          .flatMap { $0 }
      default: try reader.skip(field)
      }
    }
  }

  /// Writes the node.
  func write(to writer: inout ThriftWriter) {
    writer.structure { writer in
      writer.int32(1, physicalType?.rawValue)
      writer.int32(2, typeLength)
      writer.int32(3, repetition?.rawValue)
      writer.string(4, name)
      writer.int32(5, childCount)
      writer.int32(6, convertedType)
      writer.int32(7, scale)
      writer.int32(8, precision)
      writer.int32(9, fieldID)
      if let logicalType { writer.structure(10) { logicalType.writeMember(to: &$0) } }
    }
  }
}

extension LogicalType {
  /// Reads the union; `nil` when it has no member.
  init?(from reader: inout ThriftReader) throws(ParquetError) {
    var result: LogicalType?
    try reader.structure { (reader, field) throws(ParquetError) in
      result = try LogicalType.member(field, &reader) ?? result
    }
    guard let result else { return nil }
    self = result
  }

  private static func member(
    _ field: ThriftField, _ reader: inout ThriftReader
  ) throws(ParquetError) -> LogicalType? {
    switch field.id {
    case 5: return try decimal(field, &reader)
    case 7: return try temporal(field, &reader).map { .time(unit: $0.unit, isAdjustedToUTC: $0.isUTC) } ?? .unknown(7)
    case 8:
      return try temporal(field, &reader).map { .timestamp(unit: $0.unit, isAdjustedToUTC: $0.isUTC) } ?? .unknown(8)
    case 10: return try integer(field, &reader)
    case 16...18: return try parameterised(field, &reader)
    default:
      try reader.skip(field)
      return simple[field.id] ?? .unknown(field.id)
    }
  }

  /// The members without content.
  private static let simple: [Int16: LogicalType] = [
    1: .string, 2: .map, 3: .list, 4: .enumeration, 6: .date, 11: .null, 12: .json, 13: .bson, 14: .uuid,
    15: .float16, 19: .vector,
  ]

  private static func decimal(_ field: ThriftField, _ reader: inout ThriftReader) throws(ParquetError) -> LogicalType? {
    var scale: Int32 = 0
    var precision: Int32 = 0
    _ = try reader.structure(field) { (reader) throws(ParquetError) in
      try reader.structure { (reader, field) throws(ParquetError) in
        switch field.id {
        case 1: scale = try reader.int32(field) ?? 0
        case 2: precision = try reader.int32(field) ?? 0
        default: try reader.skip(field)
        }
      }
    }
    return .decimal(precision: precision, scale: scale)
  }

  private static func temporal(
    _ field: ThriftField, _ reader: inout ThriftReader
  ) throws(ParquetError) -> (unit: LogicalTimeUnit, isUTC: Bool)? {
    var unit: LogicalTimeUnit?
    var isUTC = false
    _ = try reader.structure(field) { (reader) throws(ParquetError) in
      try reader.structure { (reader, field) throws(ParquetError) in
        switch field.id {
        case 1: isUTC = try reader.bool(field) ?? false
        case 2:
          _ = try reader.structure(field) { (reader) throws(ParquetError) in
            try reader.structure { (reader, field) throws(ParquetError) in
              unit = LogicalTimeUnit(rawValue: field.id)
              try reader.skip(field)
            }
          }
        default: try reader.skip(field)
        }
      }
    }
    return unit.map { ($0, isUTC) }
  }

  private static func integer(_ field: ThriftField, _ reader: inout ThriftReader) throws(ParquetError) -> LogicalType? {
    var bits: Int8 = 0
    var isSigned = true
    _ = try reader.structure(field) { (reader) throws(ParquetError) in
      try reader.structure { (reader, field) throws(ParquetError) in
        switch field.id {
        case 1: bits = try reader.int8(field) ?? 0
        case 2: isSigned = try reader.bool(field) ?? true
        default: try reader.skip(field)
        }
      }
    }
    return .integer(bits: bits, isSigned: isSigned)
  }

  private static func parameterised(
    _ field: ThriftField, _ reader: inout ThriftReader
  ) throws(ParquetError) -> LogicalType? {
    var version: Int8?
    var crs: String?
    var algorithm: Int32?
    _ = try reader.structure(field) { (reader) throws(ParquetError) in
      try reader.structure { (reader, inner) throws(ParquetError) in
        switch (field.id, inner.id) {
        case (16, 1): version = try reader.int8(inner)
        case (17, 1), (18, 1): crs = try reader.string(inner)
        case (18, 2): algorithm = try reader.int32(inner)
        default: try reader.skip(inner)
        }
      }
    }
    switch field.id {
    case 16: return .variant(version: version)
    case 17: return .geometry(crs: crs)
    default: return .geography(crs: crs, algorithm: algorithm)
    }
  }

  /// Writes the one member of the union.
  func writeMember(to writer: inout ThriftWriter) {
    switch self {
    case .decimal(let precision, let scale):
      writer.structure(5) {
        $0.int32(1, scale)
        $0.int32(2, precision)
      }
    case .time(let unit, let isUTC): Self.writeTemporal(7, unit, isUTC, to: &writer)
    case .timestamp(let unit, let isUTC): Self.writeTemporal(8, unit, isUTC, to: &writer)
    case .integer(let bits, let isSigned):
      writer.structure(10) {
        $0.int8(1, bits)
        $0.bool(2, isSigned)
      }
    case .variant(let version): writer.structure(16) { $0.int8(1, version) }
    case .geometry(let crs): writer.structure(17) { $0.string(1, crs) }
    case .geography(let crs, let algorithm):
      writer.structure(18) {
        $0.string(1, crs)
        $0.int32(2, algorithm)
      }
    case .unknown(let id): writer.structure(id) { _ in }
    default:
      if let id = Self.simple.first(where: { $0.value == self })?.key { writer.structure(id) { _ in } }
    }
  }

  private static func writeTemporal(
    _ id: Int16, _ unit: LogicalTimeUnit, _ isUTC: Bool, to writer: inout ThriftWriter
  ) {
    writer.structure(id) {
      $0.bool(1, isUTC)
      $0.structure(2) { $0.structure(unit.rawValue) { _ in } }
    }
  }
}
