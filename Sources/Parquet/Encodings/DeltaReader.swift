internal import Kernels

// Differences of integers, bit-packed in small blocks, read piece by piece.
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
struct DeltaReader {
  /// Values of the stream that have not been read.
  private(set) var left: Int
  private var cursor: ByteCursor
  private let miniblocks: Int
  /// Values of a miniblock.
  private let partSize: Int
  private var last: Int64
  private var isFirst = true
  private var smallest: Int64 = 0
  /// Where the widths of the current block's miniblocks that are still to come lie.
  private var widths = 0..<0
  /// The current miniblock: where its bits lie, how many of its values were read, and how many it has.
  private var part = 0..<0
  private var width = 0
  private var used = 0
  private var partCount = 0

  /// Reads the head of a stream.
  ///
  /// - Parameter limit: how many values the stream may have.
  init(_ bytes: Span<UInt8>, position: Int, limit: Int) throws(ParquetError) {
    cursor = ByteCursor(position: position)
    let blockSize = try cursor.varint(bytes)
    let miniblocks = try cursor.varint(bytes)
    let total = try cursor.varint(bytes)
    last = try cursor.zigzag(bytes)
    guard total <= UInt64(max(limit, 0)) else {
      throw ParquetError(.outOfSpec, "\(total) differences for \(limit) values")
    }
    guard miniblocks > 0, blockSize > 0, blockSize <= 1 << 24, miniblocks <= blockSize, blockSize % miniblocks == 0,
      (blockSize / miniblocks) % 8 == 0
    else { throw ParquetError(.outOfSpec, "blocks of \(blockSize) values in \(miniblocks) parts") }
    left = Int(total)
    self.miniblocks = Int(miniblocks)
    partSize = Int(blockSize / miniblocks)
  }

  /// Moves to the next miniblock, of which at most `unread` values are wanted.
  private mutating func advance(_ bytes: Span<UInt8>, unread: Int) throws(ParquetError) {
    if widths.isEmpty {
      smallest = try cursor.zigzag(bytes)
      guard miniblocks <= bytes.count - cursor.position else { throw ParquetError(.outOfSpec, "a block ends early") }
      widths = cursor.position..<cursor.position + miniblocks
      cursor.position = widths.upperBound
    }
    width = Int(bytes[widths.lowerBound])
    widths = widths.lowerBound + 1..<widths.upperBound
    guard width <= 64 else { throw ParquetError(.outOfSpec, "differences of \(width) bits") }
    partCount = min(partSize, unread)
    used = 0
    // The last part may have been cut to what is needed.
    let size = min(partSize / 8 * width, bytes.count - cursor.position)
    guard size >= (partCount * width + 7) / 8 else { throw ParquetError(.outOfSpec, "differences end early") }
    part = cursor.position..<cursor.position + size
    cursor.position += size
  }

  /// Adds the next `count` values.
  mutating func read(_ bytes: Span<UInt8>, count: Int, into values: inout [Int64]) throws(ParquetError) {
    guard count <= left else { throw ParquetError(.outOfSpec, "fewer differences than values") }
    var wanted = count
    if isFirst, wanted > 0 {
      values.append(last)
      isFirst = false
      wanted -= 1
      left -= 1
    }
    while wanted > 0 {
      if used == partCount { try advance(bytes, unread: left) }
      let step = min(wanted, partCount - used)
      last = unsafe appendDeltas(
        bytes.bytes.extracting(part), width: width, first: used, count: step, smallest: smallest, last: last,
        to: &values)
      used += step
      wanted -= step
      left -= step
    }
  }

  /// The position behind the whole stream, found by its widths alone.
  func end(_ bytes: Span<UInt8>) throws(ParquetError) -> Int {
    var copy = self
    var unread = left - (isFirst ? 1 : 0) - (partCount - used)
    while unread > 0 {
      try copy.advance(bytes, unread: unread)
      unread -= copy.partCount
    }
    return copy.cursor.position
  }
}
