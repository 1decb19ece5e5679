internal import Columnar
internal import Kernels

// Runs of equal values and bit-packed groups of eight, for levels, dictionary codes and booleans.
//
//   data    := run*
//   run     := varint(groups << 1 | 1) groups * width bytes            8 * groups packed values
//            | varint(length << 1) ceil(width / 8) bytes                one value, `length` times
//
// Worked example at width 3, the values 0 1 2 3 4 5 6 7 5 5 5 … (100 times 5):
//
//   03             1 group, packed
//   88 c6 fa       0 1 2 3 4 5 6 7 from the least significant bit upwards
//   c8 01          varint(100 << 1): a run of 100
//   05             the value 5
//
// How many values there are, and the width, are known from elsewhere; the last packed group may hold more than needed,
// and some writers cut its unused bytes off, or add empty runs.
//
// Specification: apache/parquet-format, Encodings.md, "Run Length Encoding / Bit-Packing Hybrid".

/// Adds the codes, each of `width` bits.
func encodeHybrid(_ codes: Span<UInt32>, width: Int, appendingTo output: inout [UInt8]) {
  // A run must save what it costs: its own head and value, and the head of the packed groups behind it.
  let shortestRun = max(8, (32 / max(width, 1) + 7) / 8 * 8)
  var packedFrom = 0
  var index = 0
  while true {
    index = nextUniformGroup(codes, from: index)
    if index + 8 > codes.count { break }
    let length = lengthOfRun(codes, from: index)
    if length < shortestRun {
      index += length & ~7
      continue
    }
    appendPacked(codes.extracting(packedFrom..<index), width: width, to: &output)
    appendVarint(length << 1, to: &output)
    for byte in 0..<(width + 7) / 8 { output.append(UInt8(truncatingIfNeeded: codes[index] >> UInt32(8 * byte))) }
    index += length
    packedFrom = index
  }
  appendPacked(codes.extracting(packedFrom..<codes.count), width: width, to: &output)
}

private func appendPacked(_ codes: Span<UInt32>, width: Int, to output: inout [UInt8]) {
  if codes.isEmpty { return }
  appendVarint(((codes.count + 7) / 8) << 1 | 1, to: &output)
  packBits(codes, width: width, appendingTo: &output)
}

/// Adds the bits of a bitmap, as values of width 1: its words are the packed form as they stand.
func encodeHybridBits(_ bits: Bitmap, appendingTo output: inout [UInt8]) {
  var packedFrom = 0
  var word = 0
  let whole = bits.count / 64
  while word < whole {
    let value = bits.words[word]
    var end = word
    if value == 0 || value == .max {
      end += 1
      while end < whole, bits.words[end] == value { end += 1 }
    }
    if end == word {
      word += 1
      continue
    }
    appendPackedBits(bits, from: packedFrom * 64, to: word * 64, output: &output)
    appendVarint((end - word) * 64 << 1, to: &output)
    output.append(value == 0 ? 0 : 1)
    word = end
    packedFrom = end
  }
  appendPackedBits(bits, from: packedFrom * 64, to: bits.count, output: &output)
}

private func appendPackedBits(_ bits: Bitmap, from start: Int, to end: Int, output: inout [UInt8]) {
  if start == end { return }
  let bytes = (end - start + 7) / 8
  appendVarint(bytes << 1 | 1, to: &output)
  unsafe appendRaw(bits.words.span.bytes.extracting(start / 8..<start / 8 + bytes), to: &output)
}
