internal import Kernels

// Differences of integers, bit-packed in small blocks.
//
//   data  := varint(values a block) varint(miniblocks a block) varint(values in all) zigzag(first value) block*
//   block := zigzag(smallest difference) one width byte a miniblock, miniblock*
//
// A miniblock holds (difference - smallest) in its width, padded to full length; miniblocks that no value needs are
// absent, though their width bytes are there. Arithmetic wraps.
//
// Worked example, 7 5 3 1 2 3 4 5 (block of 128, 4 miniblocks of 32):
//
//   80 01 04 08 0e     block 128, 4 miniblocks, 8 values, first zigzag(7)
//   03                 smallest difference zigzag(-2)
//   02 00 00 00        widths
//   c0 3f 00 …         0 0 0 3 3 3 3 at two bits, padded to eight bytes
//
// Specification: apache/parquet-format, Encodings.md, "Delta Encoding".

/// Reads all values of a stream that must hold `count` of them, and leaves the cursor behind it.
func decodeDeltaBinaryPacked(
  _ bytes: Span<UInt8>, cursor: inout ByteCursor, count: Int
) throws(ParquetError) -> [Int64] {
  let blockSize = try cursor.varint(bytes)
  let miniblocks = try cursor.varint(bytes)
  let total = try cursor.varint(bytes)
  let first = try cursor.zigzag(bytes)
  guard total == UInt64(count) else { throw ParquetError(.outOfSpec, "\(total) differences for \(count) values") }
  if count == 0 { return [] }
  guard miniblocks > 0, blockSize > 0, blockSize <= 1 << 24, miniblocks <= blockSize, blockSize % miniblocks == 0,
    (blockSize / miniblocks) % 8 == 0
  else { throw ParquetError(.outOfSpec, "blocks of \(blockSize) values in \(miniblocks) parts") }
  let partSize = Int(blockSize / miniblocks)
  var values: [Int64] = [first]
  var differences: [UInt64] = []
  var last = first
  while values.count < count {
    let smallest = try cursor.zigzag(bytes)
    guard Int(miniblocks) <= bytes.count - cursor.position else { throw ParquetError(.outOfSpec, "a block ends early") }
    let widths = cursor.position..<cursor.position + Int(miniblocks)
    cursor.position = widths.upperBound
    for at in widths where values.count < count {
      let width = Int(bytes[at])
      guard width <= 64 else { throw ParquetError(.outOfSpec, "differences of \(width) bits") }
      let wanted = min(partSize, count - values.count)
      // The last part may have been cut to what is needed.
      let available = min(partSize / 8 * width, bytes.count - cursor.position)
      guard available >= (wanted * width + 7) / 8 else { throw ParquetError(.outOfSpec, "differences end early") }
      differences.removeAll(keepingCapacity: true)
      let packed = cursor.position..<cursor.position + available
      unsafe unpackBits64(bytes.bytes.extracting(packed), width: width, count: wanted, appendingTo: &differences)
      cursor.position += available
      for difference in differences {
        last = last &+ smallest &+ Int64(bitPattern: difference)
        values.append(last)
      }
    }
  }
  return values
}
