/// Adds a stretch of the array's own bytes at its end.
///
/// - Precondition: the stretch lies within the array.
public func appendOwn(_ range: Range<Int>, to bytes: inout [UInt8]) {
  precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count, "bytes of the array")
  let start = bytes.count
  appendZeros(range.count, to: &bytes)
  bytes.withUnsafeMutableBytes { buffer in
    guard let base = buffer.baseAddress else { return }
    (base + start).copyMemory(from: base + range.lowerBound, byteCount: range.count)
  }
}
