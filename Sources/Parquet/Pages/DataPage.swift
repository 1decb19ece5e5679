internal import Compression

// Where levels and values lie in a data page.
//
//   V1 := compressed(repetition? definition? values)      repetition, definition := length(4 bytes) hybrid
//                                                                                 | BIT_PACKED, without a length
//   V2 := repetition definition compressed?(values)       lengths in the header; hybrid
//
// Levels are absent where their maximum is 0. Worked example, V1, one optional column, the values null 7 8:
//
//   02 00 00 00    two bytes of definition levels
//   03 06          one packed group of eight at one bit: 0 1 1 (padding)
//   07 00 00 00 08 00 00 00
//
// Specification: apache/parquet-format, README.md, "Data Pages".

/// A data page opened: levels and values as stretches of bytes.
struct DataPage {
  var repetitions = PageBytes()
  var definitions = PageBytes()
  var values = PageBytes()
  var repetitionEncoding = ParquetEncoding.rle
  var definitionEncoding = ParquetEncoding.rle
  /// Entries, nulls and empty lists included.
  var count = 0

  /// Opens a page of a leaf.
  init(
    _ page: StoredPage, _ leaf: LeafColumn, _ reader: PageReader, _ decompressor: inout Decompressor
  ) throws(ParquetError) {
    count = page.header.valueCount
    if page.header.type == .dataV2 {
      try openV2(page, reader, &decompressor)
    } else {
      try openV1(page, leaf, reader, &decompressor)
    }
  }

  private mutating func openV1(
    _ page: StoredPage, _ leaf: LeafColumn, _ reader: PageReader, _ decompressor: inout Decompressor
  ) throws(ParquetError) {
    let header = page.header
    var rest = try reader.decompress(page.body, size: header.uncompressedSize, with: &decompressor)
    repetitionEncoding = header.repetitionEncoding
    definitionEncoding = header.definitionEncoding
    if leaf.maxRepetitionLevel > 0 {
      repetitions = try Self.takeLevels(&rest, repetitionEncoding, leaf.maxRepetitionLevel, count: count)
    }
    if leaf.maxDefinitionLevel > 0 {
      definitions = try Self.takeLevels(&rest, definitionEncoding, leaf.maxDefinitionLevel, count: count)
    }
    values = rest
  }

  private static func takeLevels(
    _ rest: inout PageBytes, _ encoding: ParquetEncoding, _ largest: Int, count: Int
  ) throws(ParquetError) -> PageBytes {
    let page = rest
    let body = page.bytes.span.extracting(page.range)
    let start = page.range.lowerBound
    var section = 0..<0
    if encoding == .bitPacked {
      section = 0..<min((count * levelWidth(largest) + 7) / 8, body.count)
    } else {
      var cursor = ByteCursor()
      section = try cursor.sized(body)
    }
    let levels = PageBytes(bytes: page.bytes, range: start + section.lowerBound..<start + section.upperBound)
    rest.range = levels.range.upperBound..<page.range.upperBound
    return levels
  }

  private mutating func openV2(
    _ page: StoredPage, _ reader: PageReader, _ decompressor: inout Decompressor
  ) throws(ParquetError) {
    let header = page.header
    let levelBytes = header.repetitionBytes + header.definitionBytes
    guard levelBytes <= page.body.range.count, levelBytes <= header.uncompressedSize else {
      throw ParquetError(.outOfSpec, "levels longer than their page")
    }
    let start = page.body.range.lowerBound
    let middle = start + header.repetitionBytes
    let end = middle + header.definitionBytes
    repetitions = PageBytes(bytes: page.body.bytes, range: start..<middle)
    definitions = PageBytes(bytes: page.body.bytes, range: middle..<end)
    let stored = PageBytes(bytes: page.body.bytes, range: end..<page.body.range.upperBound)
    let size = header.uncompressedSize - levelBytes
    // An old writer compressed the values and said that it had not; the sizes tell.
    let isCompressed = header.isCompressed || stored.range.count != size
    // Another declares values of no bytes compressed, and stores none.
    values = isCompressed ? try reader.decompress(stored, size: size, with: &decompressor) : stored
  }
}

/// Bits that a level takes: enough for the largest.
func levelWidth(_ largest: Int) -> Int { Int.bitWidth - largest.leadingZeroBitCount }
