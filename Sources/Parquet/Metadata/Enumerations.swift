/// How the bits of a value are stored (parquet.thrift, `Type`).
public enum PhysicalType: Int32, Hashable, Sendable, CaseIterable {
  case boolean = 0
  case int32 = 1
  case int64 = 2
  case int96 = 3
  case float = 4
  case double = 5
  case byteArray = 6
  case fixedLengthByteArray = 7

  /// The name that the specification uses.
  public var name: String {
    switch self {
    case .boolean: "BOOLEAN"
    case .int32: "INT32"
    case .int64: "INT64"
    case .int96: "INT96"
    case .float: "FLOAT"
    case .double: "DOUBLE"
    case .byteArray: "BYTE_ARRAY"
    case .fixedLengthByteArray: "FIXED_LEN_BYTE_ARRAY"
    }
  }
}

/// Whether a field must be there, may be there, or may be there many times (parquet.thrift, `FieldRepetitionType`).
public enum Repetition: Int32, Hashable, Sendable {
  case required = 0
  case optional = 1
  case repeated = 2
  case vector = 3

  /// The name that the specification uses.
  public var name: String {
    switch self {
    case .required: "REQUIRED"
    case .optional: "OPTIONAL"
    case .repeated: "REPEATED"
    case .vector: "VECTOR"
    }
  }
}

/// How values become bytes (parquet.thrift, `Encoding`); an open set, for files may use newer ones.
public struct ParquetEncoding: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
  public let rawValue: Int32

  public init(rawValue: Int32) { self.rawValue = rawValue }

  /// Values back to back.
  public static let plain = ParquetEncoding(rawValue: 0)
  /// Dictionary codes, as format version 1 names them.
  public static let plainDictionary = ParquetEncoding(rawValue: 2)
  /// Runs and bit-packed groups: levels, booleans.
  public static let rle = ParquetEncoding(rawValue: 3)
  /// Levels packed from the most significant bit; deprecated.
  public static let bitPacked = ParquetEncoding(rawValue: 4)
  /// Differences of integers, bit-packed.
  public static let deltaBinaryPacked = ParquetEncoding(rawValue: 5)
  /// Lengths as differences, then all bytes.
  public static let deltaLengthByteArray = ParquetEncoding(rawValue: 6)
  /// Shared prefixes left out.
  public static let deltaByteArray = ParquetEncoding(rawValue: 7)
  /// Dictionary codes, as format version 2 names them.
  public static let rleDictionary = ParquetEncoding(rawValue: 8)
  /// One stream for each byte of a value.
  public static let byteStreamSplit = ParquetEncoding(rawValue: 9)
  /// Decimals of floating-point numbers, bit-packed.
  public static let alp = ParquetEncoding(rawValue: 10)

  private static let names: [Int32: String] = [
    0: "PLAIN", 2: "PLAIN_DICTIONARY", 3: "RLE", 4: "BIT_PACKED", 5: "DELTA_BINARY_PACKED",
    6: "DELTA_LENGTH_BYTE_ARRAY", 7: "DELTA_BYTE_ARRAY", 8: "RLE_DICTIONARY", 9: "BYTE_STREAM_SPLIT", 10: "ALP",
  ]

  /// Whether values are codes into the chunk's dictionary page.
  public var isDictionary: Bool { self == .plainDictionary || self == .rleDictionary }

  public var description: String { Self.names[rawValue] ?? "UNKNOWN(\(rawValue))" }
}

/// What a page holds (parquet.thrift, `PageType`); an open set.
public struct PageType: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
  public let rawValue: Int32

  public init(rawValue: Int32) { self.rawValue = rawValue }

  /// Values with their levels, compressed together.
  public static let data = PageType(rawValue: 0)
  /// Never defined by the format.
  public static let index = PageType(rawValue: 1)
  /// The distinct values of the chunk.
  public static let dictionary = PageType(rawValue: 2)
  /// Values compressed apart from their levels.
  public static let dataV2 = PageType(rawValue: 3)

  public var description: String {
    switch self {
    case .data: "DATA_PAGE"
    case .index: "INDEX_PAGE"
    case .dictionary: "DICTIONARY_PAGE"
    case .dataV2: "DATA_PAGE_V2"
    default: "UNKNOWN(\(rawValue))"
    }
  }
}

/// How pages are compressed (parquet.thrift, `CompressionCodec`).
public enum ParquetCompression: Hashable, Sendable, CustomStringConvertible {
  case uncompressed
  case snappy
  case gzip
  case lzo
  case brotli
  /// The deprecated framing of Hadoop; see ``lz4Raw``.
  case lz4
  case zstd
  case lz4Raw
  /// A codec newer than this library.
  case unknown(Int32)

  private static let known: [(codec: ParquetCompression, name: String)] = [
    (.uncompressed, "UNCOMPRESSED"), (.snappy, "SNAPPY"), (.gzip, "GZIP"), (.lzo, "LZO"), (.brotli, "BROTLI"),
    (.lz4, "LZ4"), (.zstd, "ZSTD"), (.lz4Raw, "LZ4_RAW"),
  ]

  /// The codec of a number in a file.
  public init(rawValue: Int32) {
    let isKnown = rawValue >= 0 && rawValue < Int32(Self.known.count)
    self = isKnown ? Self.known[Int(rawValue)].codec : .unknown(rawValue)
  }

  /// The number that stands for the codec in a file.
  public var rawValue: Int32 {
    if case .unknown(let value) = self { return value }
    return Int32(Self.known.firstIndex { $0.codec == self } ?? 0)
  }

  public var description: String {
    if case .unknown(let value) = self { return "UNKNOWN(\(value))" }
    return Self.known[Int(rawValue)].name
  }
}
