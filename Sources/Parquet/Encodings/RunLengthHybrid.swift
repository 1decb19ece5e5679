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

/// One run as it lies in the bytes.
private enum HybridRun {
  /// `count` values packed in `bytes`.
  case packed(bytes: Range<Int>, count: Int)
  /// One value `count` times.
  case repeated(value: UInt32, count: Int)
}

extension ByteCursor {
  /// Reads the next run, of which at most `remaining` values are wanted.
  fileprivate mutating func run(
    _ bytes: Span<UInt8>, width: Int, remaining: Int
  ) throws(ParquetError) -> HybridRun {
    guard position < bytes.count else { throw ParquetError(.outOfSpec, "\(remaining) encoded values are missing") }
    let head = try varint(bytes)
    let length = head >> 1
    guard length <= UInt64(Int32.max) else { throw ParquetError(.outOfSpec, "a run of \(length)") }
    if head & 1 == 0 {
      let value = try littleEndian(bytes, byteCount: (width + 7) / 8)
      return .repeated(value: value, count: min(Int(length), remaining))
    }
    let count = min(Int(length) * 8, remaining)
    let available = min(Int(length) * width, bytes.count - position)
    guard available >= (count * width + 7) / 8 else { throw ParquetError(.outOfSpec, "packed values end early") }
    defer { position += available }
    return .packed(bytes: position..<position + available, count: count)
  }
}

/// Adds `count` values of `width` bits to `codes`.
func decodeHybrid(
  _ bytes: Span<UInt8>, cursor: inout ByteCursor, width: Int, count: Int, into codes: inout [UInt32]
) throws(ParquetError) {
  var remaining = count
  while remaining > 0 {
    switch try cursor.run(bytes, width: width, remaining: remaining) {
    case .packed(let range, let count):
      unsafe unpackBits(bytes.bytes.extracting(range), width: width, count: count, appendingTo: &codes)
      remaining -= count
    case .repeated(let value, let count):
      if count > 0 { appendRepeating(value, count: count, to: &codes) }
      remaining -= count
    }
  }
}

/// Adds `count` bits (values of width 1) to a bitmap.
func decodeHybridBits(
  _ bytes: Span<UInt8>, cursor: inout ByteCursor, count: Int, into bits: inout Bitmap
) throws(ParquetError) {
  var remaining = count
  while remaining > 0 {
    switch try cursor.run(bytes, width: 1, remaining: remaining) {
    case .packed(let range, let count):
      unsafe bits.append(packed: bytes.bytes.extracting(range), range: 0..<count)
      remaining -= count
    case .repeated(let value, let count):
      guard value <= 1 else { throw ParquetError(.outOfSpec, "the value \(value) in one bit") }
      bits.append(repeating: value == 1, count: count)
      remaining -= count
    }
  }
}

/// Whether `count` bits are one run of ones: a column without nulls, recognised without touching a bitmap.
func isOneRunOfOnes(_ bytes: Span<UInt8>, count: Int) -> Bool {
  var cursor = ByteCursor()
  guard let run = try? cursor.run(bytes, width: 1, remaining: count), case .repeated(1, count) = run else {
    return false
  }
  return true
}

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
