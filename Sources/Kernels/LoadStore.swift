/// Eight bytes at any alignment, as a little-endian number.
@inline(__always)
func load64(_ base: UnsafeRawPointer, _ offset: Int) -> UInt64 {
  UInt64(littleEndian: base.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
}

/// Stores a number as eight little-endian bytes at any alignment.
@inline(__always)
func store64(_ word: UInt64, _ base: UnsafeMutableRawPointer, _ offset: Int) {
  base.storeBytes(of: word.littleEndian, toByteOffset: offset, as: UInt64.self)
}

/// Four bytes at any alignment, as a little-endian number.
@inline(__always)
func load32(_ base: UnsafeRawPointer, _ offset: Int) -> UInt32 {
  UInt32(littleEndian: base.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
}

/// Up to eight bytes at the end of a buffer, the missing ones zero.
@inline(__always)
func loadPartial64(_ base: UnsafeRawPointer, _ offset: Int, end: Int) -> UInt64 {
  if offset &+ 8 <= end { return load64(base, offset) }
  var word: UInt64 = 0
  var at = offset
  while at < end {
    word |= UInt64(base.load(fromByteOffset: at, as: UInt8.self)) &<< UInt64(truncatingIfNeeded: (at &- offset) &* 8)
    at &+= 1
  }
  return word
}
