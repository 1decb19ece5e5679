public func crc32c(_ bytes: UnsafeRawBufferPointer, seed: UInt32 = 0) -> UInt32 {
  var c = ~seed; for b in bytes { c ^= UInt32(b); for _ in 0..<8 { c = (c >> 1) ^ (0x82F63B78 & (0 &- (c & 1))) } };
  return ~c
}
