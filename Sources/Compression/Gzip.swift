import CZlib

/// Decompresses RFC 1952 (or RFC 1950), members one behind the other.
///
/// Writers that compress in blocks leave several members in one page; their outputs follow each other.
func decompressGzip(_ input: RawSpan, limit: Int, into output: inout [UInt8]) throws(CompressionError) {
  try produce(limit: limit, into: &output) { output, capacity throws(CompressionError) in
    try input.withUnsafeBytes { source throws(CompressionError) in
      try inflateMembers(source, into: output, capacity: capacity)
    }
  }
}

private func inflateMembers(
  _ source: UnsafeRawBufferPointer, into output: UnsafeMutableRawPointer, capacity: Int
) throws(CompressionError) -> Int {
  var stream = z_stream()
  // 32 over the window's 15 bits: detect gzip or zlib by the header.
  guard inflateInit2_(&stream, 15 + 32, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
    throw CompressionError(.failed, .gzip, "inflateInit2 failed")
  }
  defer { inflateEnd(&stream) }
  var consumed = 0
  var written = 0
  while true {
    // zlib counts in 32 bits.
    let chunk = min(source.count - consumed, 1 << 30)
    let room = min(capacity - written, 1 << 30)
    stream.next_in = UnsafeMutablePointer(
      mutating: source.baseAddress.map { ($0 + consumed).assumingMemoryBound(to: UInt8.self) })
    stream.avail_in = UInt32(chunk)
    stream.next_out = (output + written).assumingMemoryBound(to: UInt8.self)
    stream.avail_out = UInt32(room)
    let status = inflate(&stream, Z_NO_FLUSH)
    let used = chunk - Int(stream.avail_in)
    let made = room - Int(stream.avail_out)
    consumed += used
    written += made
    switch status {
    case Z_STREAM_END:
      if consumed == source.count { return written }
      if inflateReset(&stream) != Z_OK { throw CompressionError(.failed, .gzip, "inflateReset failed") }
    case Z_OK where used > 0 || made > 0: continue
    case Z_OK, Z_BUF_ERROR:
      let isFull = written == capacity && consumed < source.count
      throw CompressionError(isFull ? .overLimit : .corrupt, .gzip, isFull ? "output over limit" : "input ends early")
    default: throw CompressionError(.corrupt, .gzip, "damaged input")
    }
  }
}

/// Adds the compressed form of `input` as one gzip member.
func compressGzip(_ input: RawSpan, level: Int, appendingTo output: inout [UInt8]) throws(CompressionError) {
  guard input.byteCount < 1 << 30 else { throw CompressionError(.failed, .gzip, "more than 1 GiB at once") }
  var stream = z_stream()
  guard
    deflateInit2_(
      &stream, Int32(level), Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      Int32(MemoryLayout<z_stream>.size)) == Z_OK
  else { throw CompressionError(.failed, .gzip, "level \(level) refused") }
  defer { deflateEnd(&stream) }
  let bound = Int(deflateBound(&stream, UInt(input.byteCount)))
  try append(.gzip, bound: bound, to: &output) { target, capacity in
    input.withUnsafeBytes { source in
      stream.next_in = UnsafeMutablePointer(mutating: source.baseAddress?.assumingMemoryBound(to: UInt8.self))
      stream.avail_in = UInt32(source.count)
      stream.next_out = target.assumingMemoryBound(to: UInt8.self)
      stream.avail_out = UInt32(capacity)
      guard deflate(&stream, Z_FINISH) == Z_STREAM_END else { return nil }
      return capacity - Int(stream.avail_out)
    }
  }
}

/// The CRC-32 of zlib, gzip and Parquet pages (polynomial 0x04C11DB7), continued from `seed`.
public func crc32(_ bytes: RawSpan, seed: UInt32 = 0) -> UInt32 {
  bytes.withUnsafeBytes { buffer in
    guard let base = buffer.baseAddress else { return seed }
    return UInt32(truncatingIfNeeded: crc32_z(UInt(seed), base.assumingMemoryBound(to: UInt8.self), buffer.count))
  }
}
