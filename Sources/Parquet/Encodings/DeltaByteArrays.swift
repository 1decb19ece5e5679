internal import Columnar

// Byte strings by differences.
//
//   DELTA_LENGTH_BYTE_ARRAY := delta-binary-packed(lengths) all bytes
//   DELTA_BYTE_ARRAY        := delta-binary-packed(lengths of the prefix shared with the string before)
//                              DELTA_LENGTH_BYTE_ARRAY(the rest of each string)
//
// Worked examples: "Hello" "World" "Foobar" "ABCDEF" is lengths 5 5 6 6 and HelloWorldFoobarABCDEF;
// "axis" "axle" "babble" "babyhood" is prefixes 0 2 0 3, lengths 4 2 6 5, and axislebabbleyhood.
//
// Specification: apache/parquet-format, Encodings.md, "Delta-length byte array" and "Delta Strings".

/// Adds `count` strings of DELTA_LENGTH_BYTE_ARRAY.
func decodeDeltaLengthByteArray(
  _ bytes: Span<UInt8>, cursor: inout ByteCursor, count: Int, into strings: inout ByteStrings
) throws(ParquetError) {
  let lengths = try decodeDeltaBinaryPacked(bytes, cursor: &cursor, count: count)
  var end = strings.bytes.count
  let start = cursor.position
  var offsets: [Int32] = []
  offsets.reserveCapacity(count)
  for length in lengths {
    guard length >= 0, length <= Int64(bytes.count - cursor.position) else {
      throw ParquetError(.outOfSpec, "a string longer than its page")
    }
    cursor.position += Int(length)
    end += Int(length)
    offsets.append(try stringEnd(end))
  }
  for at in start..<cursor.position { strings.bytes.append(bytes[at]) }
  strings.offsets.append(contentsOf: offsets)
}

/// Adds `count` strings of DELTA_BYTE_ARRAY.
///
/// - Parameter limit: how many bytes all strings may have; shared prefixes can make them far longer than the page.
func decodeDeltaByteArray(
  _ bytes: Span<UInt8>, cursor: inout ByteCursor, count: Int, limit: Int, into strings: inout ByteStrings
) throws(ParquetError) {
  let prefixes = try decodeDeltaBinaryPacked(bytes, cursor: &cursor, count: count)
  var suffixes = ByteStrings()
  try decodeDeltaLengthByteArray(bytes, cursor: &cursor, count: count, into: &suffixes)
  var previous = 0..<0
  for index in 0..<count {
    let prefix = prefixes[index]
    guard prefix >= 0, prefix <= Int64(previous.count) else {
      throw ParquetError(.outOfSpec, "a prefix longer than the string before")
    }
    let suffix = suffixes[index]
    let start = strings.bytes.count
    guard start + Int(prefix) + suffix.count <= limit else {
      throw ParquetError(.wouldOverAllocate, "strings of more than \(limit) bytes")
    }
    let shared = previous.lowerBound..<previous.lowerBound + Int(prefix)
    strings.bytes.append(contentsOf: Array(strings.bytes[shared]))
    strings.bytes.append(contentsOf: suffix)
    previous = start..<strings.bytes.count
    strings.offsets.append(try stringEnd(strings.bytes.count))
  }
}

/// The end of a string, which must fit in 31 bits.
private func stringEnd(_ end: Int) throws(ParquetError) -> Int32 {
  guard let offset = Int32(exactly: end) else {
    throw ParquetError(.wouldOverAllocate, "more than 2 GiB of strings in one column chunk")
  }
  return offset
}
