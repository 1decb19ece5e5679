internal import Columnar
internal import Kernels

// Byte strings by differences, read piece by piece.
//
//   DELTA_LENGTH_BYTE_ARRAY := delta-binary-packed(lengths) all bytes
//   DELTA_BYTE_ARRAY        := delta-binary-packed(lengths of the prefix shared with the string before)
//                              DELTA_LENGTH_BYTE_ARRAY(the rest of each string)
//
// Worked examples: "Hello" "World" "Foobar" "ABCDEF" is lengths 5 5 6 6 and HelloWorldFoobarABCDEF;
// "axis" "axle" "babble" "babyhood" is prefixes 0 2 0 3, lengths 4 2 6 5, and axislebabbleyhood.
//
// Specification: apache/parquet-format, Encodings.md, "Delta-length byte array" and "Delta Strings".
struct DeltaStringReader {
  private var prefixes: DeltaReader?
  private var lengths: DeltaReader
  /// The position of the next string's bytes, or of those that it does not share.
  private var position: Int
  /// The string before, whose beginning the next may share.
  private var previous: [UInt8] = []

  /// Reads the heads of the streams.
  ///
  /// - Parameter limit: how many strings there may be.
  init(_ bytes: Span<UInt8>, hasPrefixes: Bool, limit: Int) throws(ParquetError) {
    var start = 0
    if hasPrefixes {
      let reader = try DeltaReader(bytes, position: 0, limit: limit)
      start = try reader.end(bytes)
      prefixes = reader
    }
    lengths = try DeltaReader(bytes, position: start, limit: limit)
    position = try lengths.end(bytes)
  }

  /// Adds the next `count` strings.
  ///
  /// - Parameter limit: how many bytes `strings` may have; shared prefixes can make them far longer than the page.
  mutating func read(
    _ bytes: Span<UInt8>, count: Int, limit: Int, into strings: inout ByteStrings
  ) throws(ParquetError) {
    var sizes: [Int64] = []
    try lengths.read(bytes, count: count, into: &sizes)
    if prefixes == nil {
      try readWhole(bytes, sizes, limit: limit, into: &strings)
    } else {
      try readShared(bytes, sizes, limit: limit, into: &strings)
    }
  }

  private mutating func readWhole(
    _ bytes: Span<UInt8>, _ sizes: [Int64], limit: Int, into strings: inout ByteStrings
  ) throws(ParquetError) {
    let start = position
    for size in sizes {
      guard size >= 0, size <= Int64(bytes.count - position) else {
        throw ParquetError(.outOfSpec, "a string longer than its page")
      }
      position += Int(size)
      strings.offsets.append(try stringEnd(strings.bytes.count + position - start, limit))
    }
    unsafe appendRaw(bytes.bytes.extracting(start..<position), to: &strings.bytes)
  }

  private mutating func readShared(
    _ bytes: Span<UInt8>, _ sizes: [Int64], limit: Int, into strings: inout ByteStrings
  ) throws(ParquetError) {
    var shared: [Int64] = []
    try prefixes?.read(bytes, count: sizes.count, into: &shared)
    // Within one call the string before lies at the end of the strings read.
    var before = -1
    for (size, prefix) in zip(sizes, shared) {
      let length = before < 0 ? previous.count : strings.bytes.count - before
      guard prefix >= 0, prefix <= Int64(length) else {
        throw ParquetError(.outOfSpec, "a prefix longer than the string before")
      }
      guard size >= 0, size <= Int64(bytes.count - position) else {
        throw ParquetError(.outOfSpec, "a string longer than its page")
      }
      let start = strings.bytes.count
      let end = try stringEnd(start + Int(prefix) + Int(size), limit)
      if before < 0 {
        strings.bytes.append(contentsOf: previous[..<Int(prefix)])
      } else {
        appendOwn(before..<before + Int(prefix), to: &strings.bytes)
      }
      unsafe appendRaw(bytes.bytes.extracting(position..<position + Int(size)), to: &strings.bytes)
      position += Int(size)
      strings.offsets.append(end)
      before = start
    }
    if before >= 0 { previous = Array(strings.bytes[before...]) }
  }
}

/// The end of a string, which must fit in 31 bits and in the limit.
func stringEnd(_ end: Int, _ limit: Int) throws(ParquetError) -> Int32 {
  guard end <= limit, let offset = Int32(exactly: end) else {
    throw ParquetError(.wouldOverAllocate, "more than \(min(limit, Int(Int32.max))) bytes of strings in one batch")
  }
  return offset
}
