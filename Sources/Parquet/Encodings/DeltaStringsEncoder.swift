internal import Columnar
internal import Kernels

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

/// Adds strings in DELTA_LENGTH_BYTE_ARRAY.
func encodeDeltaLengthByteArray(_ strings: ByteStrings, appendingTo output: inout [UInt8]) {
  let lengths = (0..<strings.count).map { strings.offsets[$0 + 1] - strings.offsets[$0] }
  unsafe appendDeltaPacked32(lengths.span.bytes, to: &output)
  let used = Int(strings.offsets[0])..<Int(strings.offsets[strings.count])
  unsafe appendRaw(strings.bytes.span.bytes.extracting(used), to: &output)
}

/// Adds strings in DELTA_BYTE_ARRAY.
func encodeDeltaByteArray(_ strings: ByteStrings, appendingTo output: inout [UInt8]) {
  var prefixes: [Int32] = []
  prefixes.reserveCapacity(strings.count)
  var rest = ByteStrings()
  rest.offsets.reserveCapacity(strings.count + 1)
  var last = 0..<0
  for row in 0..<strings.count {
    let next = Int(strings.offsets[row])..<Int(strings.offsets[row + 1])
    let shared = unsafe sharedPrefix(strings.bytes.span.bytes, last, next)
    prefixes.append(Int32(shared))
    unsafe appendRaw(strings.bytes.span.bytes.extracting(next.lowerBound + shared..<next.upperBound), to: &rest.bytes)
    rest.offsets.append(Int32(rest.bytes.count))
    last = next
  }
  unsafe appendDeltaPacked32(prefixes.span.bytes, to: &output)
  encodeDeltaLengthByteArray(rest, appendingTo: &output)
}
