#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#endif

/// How each byte string of one sequence stands to that of another: -1, 0 or 1, by their bytes.
///
/// A sequence of one string stands for `count` equal ones.
///
/// - Precondition: offsets rise within their bytes; each sequence has one or `count` strings.
public func compareByteStrings(
  _ offsets: Span<Int32>, _ bytes: Span<UInt8>, with otherOffsets: Span<Int32>, _ otherBytes: Span<UInt8>, count: Int
) -> [Int8] {
  let (mine, theirs) = (offsets.count - 1, otherOffsets.count - 1)
  precondition((mine == count || mine == 1) && (theirs == count || theirs == 1), "one or all strings")
  let (step, otherStep) = (mine == 1 ? 0 : 1, theirs == 1 ? 0 : 1)
  return [Int8](unsafeUninitializedCapacity: count) { target, used in
    offsets.withUnsafeBufferPointer { offsets in
      otherOffsets.withUnsafeBufferPointer { otherOffsets in
        bytes.withUnsafeBufferPointer { bytes in
          otherBytes.withUnsafeBufferPointer { otherBytes in
            for index in 0..<count {
              let (at, other) = (index &* step, index &* otherStep)
              let order = compare(
                UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[range(offsets, at)]),
                UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(otherBytes)[range(otherOffsets, other)]))
              target.initializeElement(at: index, to: order)
            }
          }
        }
      }
    }
    used = count
  }
}

@inline(__always)
private func range(_ offsets: UnsafeBufferPointer<Int32>, _ index: Int) -> Range<Int> {
  Int(offsets[index])..<Int(offsets[index &+ 1])
}

@inline(__always)
private func compare(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Int8 {
  let shared = min(a.count, b.count)
  if shared > 0, let first = a.baseAddress, let second = b.baseAddress {
    let order = memcmp(first, second, shared)
    if order != 0 { return order < 0 ? -1 : 1 }
  }
  return a.count == b.count ? 0 : a.count < b.count ? -1 : 1
}
