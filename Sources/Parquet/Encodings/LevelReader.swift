internal import Kernels

// Definition and repetition levels as bytes.
//
// RLE is the hybrid of `RunLengthHybrid.swift` in the width of the largest level. The deprecated BIT_PACKED packs from
// the most significant bit of each byte on: the levels 0 1 2 3 4 5 6 7 at three bits are 05 39 77.
//
// Specification: apache/parquet-format, Encodings.md, "RLE" and "Bit-packed (Deprecated)".

/// All levels of a page.
///
/// - Throws: when one is above `largest`, or when there are fewer than `count`.
func decodeLevels(
  _ page: PageBytes, encoding: ParquetEncoding, largest: Int, count: Int, into levels: inout [UInt8]
) throws(ParquetError) {
  levels.removeAll(keepingCapacity: true)
  let width = levelWidth(largest)
  let bytes = page.bytes.span.extracting(page.range)
  switch encoding {
  case .rle:
    var reader = HybridReader(width: width)
    try reader.read(bytes, count: count, into: &levels)
  case .bitPacked: try decodeBitPacked(bytes, width: width, count: count, into: &levels)
  default: throw ParquetError(.notSupported, "levels in the encoding \(encoding)")
  }
  guard Int(maximumLevel(levels.span)) <= largest else {
    throw ParquetError(.outOfSpec, "a level above the largest, \(largest)")
  }
}

private func decodeBitPacked(
  _ bytes: Span<UInt8>, width: Int, count: Int, into levels: inout [UInt8]
) throws(ParquetError) {
  guard bytes.count >= (count * width + 7) / 8 else { throw ParquetError(.outOfSpec, "levels end early") }
  var bit = 0
  for _ in 0..<count {
    var level: UInt8 = 0
    for _ in 0..<width {
      level = level << 1 | bytes[bit >> 3] >> UInt8(7 - bit & 7) & 1
      bit += 1
    }
    levels.append(level)
  }
}
