internal import Columnar

// Definition levels of a flat optional column: one bit a row, 1 where the row has a value. They are the validity bitmap
// and are never turned into numbers.
//
// V1 pages put four bytes of length before the levels, V2 pages keep the length in the header. Ten rows of which the
// third is null, V1: 04 00 00 00 (length) 05 (two packed groups) fb 03 (bits 0-9, bit 2 clear), and a packed byte count
// of 2 makes the length 3.
//
// Specification: apache/parquet-format, Encodings.md, "RLE" (table of lengths) and "Bit-packed (Deprecated)".

/// What the levels of a page say.
enum PageValidity {
  /// Each row has a value.
  case all
  /// Bits were added to the bitmap, this many of them set.
  case some(validCount: Int)
}

/// The validity of a chunk, made only once a page has a null.
struct ValidityBuilder {
  private var bits: Bitmap?
  private var rowCount = 0

  /// Adds the levels of one page.
  mutating func append(
    _ levels: Span<UInt8>, encoding: ParquetEncoding, rows: Int
  ) throws(ParquetError) -> PageValidity {
    let start = rowCount
    if bits == nil, encoding == .rle, isOneRunOfOnes(levels, count: rows) {
      rowCount += rows
      return .all
    }
    var bitmap = bits ?? Bitmap(repeating: true, count: rowCount)
    bits = nil
    var cursor = ByteCursor()
    switch encoding {
    case .rle: try decodeHybridBits(levels, cursor: &cursor, count: rows, into: &bitmap)
    case .bitPacked: try decodeBitPackedLevels(levels, count: rows, into: &bitmap)
    default: throw ParquetError(.notSupported, "levels in the encoding \(encoding)")
    }
    rowCount += rows
    let validCount = bitmap.setCount(in: start..<rowCount)
    bits = bitmap
    return .some(validCount: validCount)
  }

  /// The bitmap so far, when a page needed one.
  var bitmap: Bitmap? { bits }

  /// The finished bitmap; `nil` when each row has a value.
  consuming func finish() -> Bitmap? {
    guard let bits, bits.setCount != bits.count else { return nil }
    return bits
  }
}

/// Adds levels of the deprecated packing, most significant bit first.
private func decodeBitPackedLevels(
  _ levels: Span<UInt8>, count: Int, into bits: inout Bitmap
) throws(ParquetError) {
  guard levels.count >= (count + 7) / 8 else { throw ParquetError(.outOfSpec, "levels end early") }
  for row in 0..<count { bits.append(levels[row >> 3] >> UInt8(7 - row & 7) & 1 == 1) }
}
