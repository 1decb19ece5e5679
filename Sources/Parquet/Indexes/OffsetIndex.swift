// Where the data pages of a column chunk lie, so that a reader of some rows can go straight to their pages.
//
//   OffsetIndex  := { 1: list<PageLocation>, 2: list<i64> bytes of BYTE_ARRAY values without encoding }
//   PageLocation := { 1: i64 offset, 2: i32 size with header, 3: i64 first row, counted within the row group }
//
// Worked example, one page of 20 bytes at byte 4: 19 1c 16 08 15 28 16 00 00 00 (list of one structure; zigzag
// numbers).
//
// Specification: apache/parquet-format, PageIndex.md and parquet.thrift.

/// Where one data page lies.
public struct PageLocation: Hashable, Sendable {
  /// Where its header begins in the file.
  public var offset: Int64
  /// Bytes of header and stored page together.
  public var compressedSize: Int32
  /// The first row of the page, counted within the row group.
  public var firstRow: Int64

  /// Makes a location.
  public init(offset: Int64, compressedSize: Int32, firstRow: Int64) {
    self.offset = offset
    self.compressedSize = compressedSize
    self.firstRow = firstRow
  }
}

/// Where the data pages of one column chunk lie (parquet.thrift, `OffsetIndex`).
public struct OffsetIndex: Hashable, Sendable {
  /// The data pages in order; the dictionary page is not among them.
  public var pages: [PageLocation]
  /// For each page, bytes of its BYTE_ARRAY values without any encoding; empty where not stored.
  public var unencodedByteArrayBytes: [Int64]

  /// Makes an index.
  public init(pages: [PageLocation], unencodedByteArrayBytes: [Int64] = []) {
    self.pages = pages
    self.unencodedByteArrayBytes = unencodedByteArrayBytes
  }

  /// Reads an index and holds its lists against each other.
  init(from reader: inout ThriftReader) throws(ParquetError) {
    self.init(pages: [])
    try reader.structure { (reader, field) throws(ParquetError) in
      switch field.id {
      case 1:
        pages =
          try reader.list(field, of: .structure) { (reader) throws(ParquetError) in
            try PageLocation(from: &reader)
          } ?? []
      case 2: unencodedByteArrayBytes = try reader.int64s(field)
      default: try reader.skip(field)
      }
    }
    guard unencodedByteArrayBytes.isEmpty || unencodedByteArrayBytes.count == pages.count,
      zip(pages, pages.dropFirst()).allSatisfy({ $0.firstRow <= $1.firstRow })
    else { throw ParquetError(.outOfSpec, "an offset index whose pages do not follow each other") }
  }

  /// The index as it lies in the file.
  func serialised() -> [UInt8] {
    var writer = ThriftWriter()
    writer.structure { writer in
      writer.list(1, of: .structure, pages) { writer, page in
        writer.structure {
          $0.int64(1, page.offset)
          $0.int32(2, page.compressedSize)
          $0.int64(3, page.firstRow)
        }
      }
      if !unencodedByteArrayBytes.isEmpty { writer.list(2, of: .i64, unencodedByteArrayBytes) { $0.intElement($1) } }
    }
    return writer.bytes
  }
}

extension PageLocation {
  fileprivate init(from reader: inout ThriftReader) throws(ParquetError) {
    self.init(offset: 0, compressedSize: 0, firstRow: 0)
    try reader.structure { (reader, field) throws(ParquetError) in
      switch field.id {
      case 1: offset = try reader.int64(field) ?? 0
      case 2: compressedSize = try reader.int32(field) ?? 0
      case 3: firstRow = try reader.int64(field) ?? 0
      default: try reader.skip(field)
      }
    }
    guard offset >= 0, compressedSize >= 0, firstRow >= 0 else {
      throw ParquetError(.outOfSpec, "a page location with a negative number")
    }
  }
}
