// The first bytes of all values, then the second bytes of all values, and so on.
// AA BB CC DD, 00 11 22 33, A3 B4 C5 D6 become AA 00 A3 BB 11 B4 CC 22 C5 DD 33 D6.
// Specification: apache/parquet-format, Encodings.md, "Byte Stream Split".

/// Adds values of `width` bytes that lie back to back, split into `width` streams.
public func appendSplitStreams(_ values: RawSpan, width: Int, to output: inout [UInt8]) {
  precondition(width > 0 && values.byteCount % width == 0, "whole values")
  let count = values.byteCount / width
  values.withUnsafeBytes { bytes in
    guard let base = bytes.baseAddress else { return }
    appendWritten(bytes.count, to: &output) { target in
      var done = 0
      if width == 8 { done = split8(base, target, count: count) }
      if width == 4 { done = split4(base, target, count: count) }
      for stream in 0..<width {
        let from = base + stream
        let into = target + stream &* count
        for index in done..<count { into[index] = from.load(fromByteOffset: index &* width, as: UInt8.self) }
      }
    }
  }
}

/// Eight values of eight bytes at a time, turned over like a matrix; how many were done.
@inline(__always)
private func split8(_ base: UnsafeRawPointer, _ target: UnsafeMutablePointer<UInt8>, count: Int) -> Int {
  let whole = count & ~7
  var index = 0
  while index < whole {
    var rows = SIMD8<UInt64>()
    for row in 0..<8 { rows[row] = load64(base, (index &+ row) &* 8) }
    let columns = transposed(rows)
    for stream in 0..<8 { store(columns[stream], target + (stream &* count &+ index)) }
    index &+= 8
  }
  return whole
}

/// Eight values of four bytes at a time; how many were done.
@inline(__always)
private func split4(_ base: UnsafeRawPointer, _ target: UnsafeMutablePointer<UInt8>, count: Int) -> Int {
  let whole = count & ~7
  var index = 0
  while index < whole {
    var rows = SIMD8<UInt64>()
    for row in 0..<8 { rows[row] = UInt64(load32(base, (index &+ row) &* 4)) }
    let columns = transposed(rows)
    for stream in 0..<4 { store(columns[stream], target + (stream &* count &+ index)) }
    index &+= 8
  }
  return whole
}

@inline(__always)
private func store(_ word: UInt64, _ target: UnsafeMutablePointer<UInt8>) {
  UnsafeMutableRawPointer(target).storeBytes(of: word.littleEndian, as: UInt64.self)
}

/// Byte `j` of word `i` becomes byte `i` of word `j`, by exchanging ever smaller quarters.
@inline(__always)
private func transposed(_ words: SIMD8<UInt64>) -> SIMD8<UInt64> {
  var words = words
  @inline(__always) func exchange(_ a: Int, _ b: Int, _ shift: UInt64, _ mask: UInt64) {
    let difference = ((words[a] &>> shift) ^ words[b]) & mask
    words[b] ^= difference
    words[a] ^= difference &<< shift
  }
  for index in 0..<4 { exchange(index, index &+ 4, 32, 0x0000_0000_FFFF_FFFF) }
  for half in 0..<2 {
    for index in half &* 4..<half &* 4 &+ 2 { exchange(index, index &+ 2, 16, 0x0000_FFFF_0000_FFFF) }
  }
  for pair in 0..<4 { exchange(pair &* 2, pair &* 2 &+ 1, 8, 0x00FF_00FF_00FF_00FF) }
  return words
}
