internal import Kernels

/// Distinct numbers of a column chunk, by their bits, in order of first occurrence.
///
/// Comparing bits keeps apart what must come back apart: both zeros, and every NaN.
struct NumberDictionary: Sendable {
  /// Bytes of a number: 4 or 8.
  let stride: Int
  /// The patterns; those of four bytes with zeros above.
  private(set) var keys: [UInt64] = []
  private var slots: [UInt32] = []

  /// Starts empty.
  init(stride: Int) { self.stride = stride }

  /// Bytes of the entries in PLAIN encoding.
  var byteCount: Int { keys.count * stride }

  /// Adds the codes of numbers that lie back to back, until all are done or `limit` entries are reached.
  ///
  /// - Returns: how many numbers were done.
  mutating func encode(_ numbers: RawSpan, limit: Int, into codes: inout [UInt32]) -> Int {
    let count = numbers.byteCount / stride
    var done = 0
    while done < count {
      if keys.count * 2 >= slots.count { grow() }
      let room = min(limit, slots.count / 2)
      let rest = numbers.extracting(done * stride..<count * stride)
      let before = done
      done +=
        stride == 8
        ? numberKeys64(rest, slots: &slots, keys: &keys, keyLimit: room, codes: &codes)
        : numberKeys32(rest, slots: &slots, keys: &keys, keyLimit: room, codes: &codes)
      if done == before && keys.count >= limit { break }
    }
    return done
  }

  private mutating func grow() {
    slots = [UInt32](repeating: 0, count: max(1024, slots.count * 4))
    let keys = keys
    var table = slots.mutableSpan
    rehash64(keys.span, into: &table)
  }

  /// The entries back to back, as the dictionary page holds them.
  func plainEntries() -> [UInt8] {
    var bytes: [UInt8] = []
    appendEntries(of: nil, to: &bytes)
    return bytes
  }

  /// Adds the numbers that the codes stand for, back to back.
  func appendNumbers(of codes: [UInt32], to bytes: inout [UInt8]) {
    appendEntries(of: codes, to: &bytes)
  }

  private func appendEntries(of codes: [UInt32]?, to bytes: inout [UInt8]) {
    var patterns: [UInt64] = []
    if let codes {
      gather(codes.span, from: keys.span, appendingTo: &patterns)
    } else {
      patterns = keys
    }
    if stride == 8 {
      unsafe appendRaw(patterns.span.bytes, to: &bytes)
    } else {
      let narrow = patterns.map { UInt32(truncatingIfNeeded: $0) }
      unsafe appendRaw(narrow.span.bytes, to: &bytes)
    }
  }
}
