// The first bytes of all values, then the second bytes of all values, and so on; it helps the codec behind it.
//
// Worked example, three values of four bytes: AA BB CC DD, 00 11 22 33, A3 B4 C5 D6 are stored as
// AA 00 A3 BB 11 B4 CC 22 C5 DD 33 D6.
//
// Specification: apache/parquet-format, Encodings.md, "Byte Stream Split".

/// The values of `width` bytes, one behind the other, out of their streams.
func decodeByteStreamSplit(_ bytes: Span<UInt8>, width: Int, count: Int) throws(ParquetError) -> [UInt8] {
  let (size, overflow) = width.multipliedReportingOverflow(by: count)
  guard !overflow, bytes.count >= size else { throw ParquetError(.outOfSpec, "byte streams end early") }
  var output = [UInt8](repeating: 0, count: size)
  for stream in 0..<width {
    var target = stream
    for at in stream * count..<(stream + 1) * count {
      output[target] = bytes[at]
      target += width
    }
  }
  return output
}
