// XXH64 with seed 0. Of no bytes the hash is EF46DB3751D8E999, of "a" D24EC4F1A98C6E5B.
// Specification: github.com/Cyan4973/xxHash, doc/xxhash_spec.md, "XXH64 Algorithm Description".

private let prime1: UInt64 = 0x9E37_79B1_85EB_CA87
private let prime2: UInt64 = 0xC2B2_AE3D_27D4_EB4F
private let prime3: UInt64 = 0x1656_67B1_9E37_79F9
private let prime4: UInt64 = 0x85EB_CA77_C2B2_AE63
private let prime5: UInt64 = 0x27D4_EB2F_1656_67C5

@inline(__always)
private func rotated(_ value: UInt64, _ count: UInt64) -> UInt64 { value &<< count | value &>> (64 &- count) }

@inline(__always)
private func round(_ state: UInt64, _ lane: UInt64) -> UInt64 { rotated(state &+ lane &* prime2, 31) &* prime1 }

@inline(__always)
private func merged(_ hash: UInt64, _ state: UInt64) -> UInt64 { (hash ^ round(0, state)) &* prime1 &+ prime4 }

/// The 64-bit xxHash, seed 0, of a stretch of bytes.
public func xxHash64(_ bytes: RawSpan) -> UInt64 {
  bytes.withUnsafeBytes { buffer in
    guard let base = buffer.baseAddress else { return finished(prime5) }
    return hash(base, buffer.count)
  }
}

/// Adds the hashes of values of `width` bytes that lie back to back.
public func appendHashes(ofFixed bytes: RawSpan, width: Int, to hashes: inout [UInt64]) {
  precondition(width > 0 && bytes.byteCount % width == 0, "whole values")
  bytes.withUnsafeBytes { buffer in
    guard let base = buffer.baseAddress else { return }
    appendWritten(buffer.count / width, to: &hashes) { target in
      for index in 0..<buffer.count / width { target[index] = hash(base + index &* width, width) }
    }
  }
}

/// Adds the hashes of the byte strings of `rows`.
///
/// - Precondition: `rows` are strings of `offsets`, whose values rise within `bytes`.
public func appendHashes(
  ofStrings offsets: Span<Int32>, bytes: RawSpan, rows: Range<Int>, to hashes: inout [UInt64]
) {
  precondition(rows.lowerBound >= 0 && rows.upperBound < offsets.count, "rows of the strings")
  for row in rows {
    hashes.append(xxHash64(bytes.extracting(Int(offsets[row])..<Int(offsets[row + 1]))))
  }
}

private func hash(_ base: UnsafeRawPointer, _ count: Int) -> UInt64 {
  var at = 0
  var state: UInt64
  if count >= 32 {
    var (a, b, c, d) = (prime1 &+ prime2, prime2, UInt64(0), 0 &- prime1)
    while at &+ 32 <= count {
      a = round(a, load64(base, at))
      b = round(b, load64(base, at &+ 8))
      c = round(c, load64(base, at &+ 16))
      d = round(d, load64(base, at &+ 24))
      at &+= 32
    }
    state = rotated(a, 1) &+ rotated(b, 7) &+ rotated(c, 12) &+ rotated(d, 18)
    state = merged(merged(merged(merged(state, a), b), c), d)
  } else {
    state = prime5
  }
  state &+= UInt64(truncatingIfNeeded: count)
  while at &+ 8 <= count {
    state = rotated(state ^ round(0, load64(base, at)), 27) &* prime1 &+ prime4
    at &+= 8
  }
  if at &+ 4 <= count {
    state = rotated(state ^ UInt64(load32(base, at)) &* prime1, 23) &* prime2 &+ prime3
    at &+= 4
  }
  while at < count {
    state = rotated(state ^ UInt64(base.load(fromByteOffset: at, as: UInt8.self)) &* prime5, 11) &* prime1
    at &+= 1
  }
  return finished(state)
}

@inline(__always)
private func finished(_ hash: UInt64) -> UInt64 {
  var state = (hash ^ hash &>> 33) &* prime2
  state = (state ^ state &>> 29) &* prime3
  return state ^ state &>> 32
}
