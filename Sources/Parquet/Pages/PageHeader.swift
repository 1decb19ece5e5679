/// What stands before a page (parquet.thrift, `PageHeader`).
struct PageHeader {
  var type = PageType.data
  var uncompressedSize = 0
  var compressedSize = 0
  var crc: UInt32?
  /// Values of the page, nulls included; entries of a dictionary.
  var valueCount = 0
  var encoding = ParquetEncoding.plain
  var definitionEncoding = ParquetEncoding.rle
  var repetitionEncoding = ParquetEncoding.rle
  /// V2 only: values that are null.
  var nullCount: Int?
  /// V2 only: rows that begin in the page.
  var rowCount: Int?
  /// V2 only: bytes of definition levels.
  var definitionBytes = 0
  /// V2 only: bytes of repetition levels.
  var repetitionBytes = 0
  /// V2 only: whether the values are compressed.
  var isCompressed = true
  /// Whether a dictionary's entries rise.
  var isSorted: Bool?
  var statistics: StoredStatistics?
}

/// A page as listed for a person: what its header says, and where it lies.
public struct PageInfo: Hashable, Sendable {
  /// What the page holds.
  public var type: PageType
  /// How its values are encoded.
  public var encoding: ParquetEncoding
  /// Values, nulls included; entries of a dictionary.
  public var valueCount: Int
  /// Values that are null; V2 pages only.
  public var nullCount: Int?
  /// Rows; V2 pages only.
  public var rowCount: Int?
  /// Where the header begins in the file.
  public var offset: Int64
  /// Bytes of the header.
  public var headerSize: Int
  /// Bytes of the page as stored.
  public var compressedSize: Int
  /// Bytes of the page once decompressed.
  public var uncompressedSize: Int
  /// The stored checksum.
  public var crc: UInt32?
}

extension PageHeader {
  /// Reads a header and holds its numbers against the limits.
  init(from reader: inout ThriftReader, limits: ReaderLimits) throws(ParquetError) {
    var header = PageHeader()
    var sizes: (uncompressed: Int32?, compressed: Int32?) = (nil, nil)
    try reader.structure { (reader, field) throws(ParquetError) in
      switch field.id {
      case 1: header.type = PageType(rawValue: try reader.int32(field) ?? 0)
      case 2: sizes.uncompressed = try reader.int32(field)
      case 3: sizes.compressed = try reader.int32(field)
      case 4: header.crc = try reader.int32(field).map { UInt32(bitPattern: $0) }
      case 5, 7, 8:
        _ = try reader.structure(field) { (reader) throws(ParquetError) in
          switch field.id {
          case 5: try header.readData(from: &reader)
          case 7: try header.readDictionary(from: &reader)
          default: try header.readDataV2(from: &reader)
          }
        }
      default: try reader.skip(field)
      }
    }
    guard let uncompressed = sizes.uncompressed, let compressed = sizes.compressed, uncompressed >= 0, compressed >= 0,
      header.valueCount >= 0, header.definitionBytes >= 0, header.repetitionBytes >= 0
    else { throw ParquetError(.outOfSpec, "a page header without usable sizes") }
    header.uncompressedSize = Int(uncompressed)
    header.compressedSize = Int(compressed)
    self = header
    try check(limits)
  }

  private func check(_ limits: ReaderLimits) throws(ParquetError) {
    let size = max(uncompressedSize, compressedSize)
    guard size <= limits.pageBytes else {
      throw ParquetError(.wouldOverAllocate, "a page of \(size) bytes, limit \(limits.pageBytes)")
    }
    guard valueCount <= limits.valuesPerPage else {
      throw ParquetError(.wouldOverAllocate, "a page of \(valueCount) values, limit \(limits.valuesPerPage)")
    }
    guard uncompressedSize <= 16 << 20 || uncompressedSize / limits.decompressionRatio <= compressedSize else {
      throw ParquetError(.wouldOverAllocate, "a page of \(uncompressedSize) bytes compressed to \(compressedSize)")
    }
  }

  private mutating func readData(from reader: inout ThriftReader) throws(ParquetError) {
    var header = self
    try reader.structure { (reader, field) throws(ParquetError) in
      switch field.id {
      case 1: header.valueCount = Int(try reader.int32(field) ?? 0)
      case 2: header.encoding = ParquetEncoding(rawValue: try reader.int32(field) ?? 0)
      case 3: header.definitionEncoding = ParquetEncoding(rawValue: try reader.int32(field) ?? 3)
      case 4: header.repetitionEncoding = ParquetEncoding(rawValue: try reader.int32(field) ?? 3)
      case 5:
        header.statistics = try reader.structure(field) { (reader) throws(ParquetError) in
          try StoredStatistics(from: &reader)
        }
      default: try reader.skip(field)
      }
    }
    self = header
  }

  private mutating func readDictionary(from reader: inout ThriftReader) throws(ParquetError) {
    var header = self
    try reader.structure { (reader, field) throws(ParquetError) in
      switch field.id {
      case 1: header.valueCount = Int(try reader.int32(field) ?? 0)
      case 2: header.encoding = ParquetEncoding(rawValue: try reader.int32(field) ?? 0)
      case 3: header.isSorted = try reader.bool(field)
      default: try reader.skip(field)
      }
    }
    self = header
  }

  private mutating func readDataV2(from reader: inout ThriftReader) throws(ParquetError) {
    var header = self
    try reader.structure { (reader, field) throws(ParquetError) in
      switch field.id {
      case 1: header.valueCount = Int(try reader.int32(field) ?? 0)
      case 2: header.nullCount = try reader.int32(field).map { Int($0) }
      case 3: header.rowCount = try reader.int32(field).map { Int($0) }
      case 4: header.encoding = ParquetEncoding(rawValue: try reader.int32(field) ?? 0)
      case 5: header.definitionBytes = Int(try reader.int32(field) ?? 0)
      case 6: header.repetitionBytes = Int(try reader.int32(field) ?? 0)
      case 7: header.isCompressed = try reader.bool(field) ?? true
      case 8:
        header.statistics = try reader.structure(field) { (reader) throws(ParquetError) in
          try StoredStatistics(from: &reader)
        }
      default: try reader.skip(field)
      }
    }
    self = header
  }

  /// The header's bytes, for the page types that we write: dictionary and data.
  func serialised() -> [UInt8] {
    var writer = ThriftWriter()
    writer.structure { writer in
      writer.int32(1, type.rawValue)
      writer.int32(2, Int32(clamping: uncompressedSize))
      writer.int32(3, Int32(clamping: compressedSize))
      writer.int32(4, crc.map { Int32(bitPattern: $0) })
      if type == .dictionary {
        writer.structure(7) {
          $0.int32(1, Int32(clamping: valueCount))
          $0.int32(2, encoding.rawValue)
          $0.bool(3, isSorted)
        }
      } else if type == .dataV2 {
        writer.structure(8) {
          $0.int32(1, Int32(clamping: valueCount))
          $0.int32(2, Int32(clamping: nullCount ?? 0))
          $0.int32(3, Int32(clamping: rowCount ?? 0))
          $0.int32(4, encoding.rawValue)
          $0.int32(5, Int32(clamping: definitionBytes))
          $0.int32(6, Int32(clamping: repetitionBytes))
          $0.bool(7, isCompressed)
        }
      } else {
        writer.structure(5) {
          $0.int32(1, Int32(clamping: valueCount))
          $0.int32(2, encoding.rawValue)
          $0.int32(3, definitionEncoding.rawValue)
          $0.int32(4, repetitionEncoding.rawValue)
        }
      }
    }
    return writer.bytes
  }
}
