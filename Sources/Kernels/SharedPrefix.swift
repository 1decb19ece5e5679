/// How many bytes two stretches have in common at their beginning.
///
/// - Precondition: both lie within the bytes.
public func sharedPrefix(_ bytes: RawSpan, _ first: Range<Int>, _ second: Range<Int>) -> Int {
  precondition(first.upperBound <= bytes.byteCount && second.upperBound <= bytes.byteCount, "within the bytes")
  precondition(first.lowerBound >= 0 && second.lowerBound >= 0, "within the bytes")
  let longest = min(first.count, second.count)
  return bytes.withUnsafeBytes { buffer in
    guard let base = buffer.baseAddress else { return 0 }
    let (a, b) = (base + first.lowerBound, base + second.lowerBound)
    var at = 0
    while at &+ 8 <= longest {
      let difference = load64(a, at) ^ load64(b, at)
      if difference != 0 { return at &+ difference.trailingZeroBitCount / 8 }
      at &+= 8
    }
    while at < longest, a.load(fromByteOffset: at, as: UInt8.self) == b.load(fromByteOffset: at, as: UInt8.self) {
      at &+= 1
    }
    return at
  }
}
