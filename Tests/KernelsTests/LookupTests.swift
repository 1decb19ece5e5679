import Kernels
import Testing

@Suite struct LookupTests {
  @Test("numbers get codes in order of first occurrence, across calls")
  func numbers() {
    var slots = [UInt32](repeating: 0, count: 64)
    var keys: [UInt64] = []
    var codes: [UInt32] = []
    let first: [UInt64] = [5, 7, 5, 9, 0, 7]
    #expect(numberKeys64(first.span.bytes, slots: &slots, keys: &keys, keyLimit: 32, codes: &codes) == 6)
    #expect(codes == [0, 1, 0, 2, 3, 1])
    #expect(keys == [5, 7, 9, 0])
    let second: [UInt64] = [9, 11, 5, 1, 2]
    // A full table still knows its keys, and stops at the first new one.
    #expect(numberKeys64(second.span.bytes, slots: &slots, keys: &keys, keyLimit: 5, codes: &codes) == 3)
    #expect(codes == [0, 1, 0, 2, 3, 1, 2, 4, 0])
    #expect(numberKeys64(second.span.bytes, slots: &slots, keys: &keys, keyLimit: 5, codes: &codes) == 3)
    #expect(keys == [5, 7, 9, 0, 11])
    let narrow: [UInt32] = [9, 0]
    #expect(numberKeys32(narrow.span.bytes, slots: &slots, keys: &keys, keyLimit: 5, codes: &codes) == 2)
    #expect(codes.suffix(2) == [2, 3])
  }

  @Test("a grown table finds what the small one held")
  func rehash() {
    let keys = (0..<1_000).map { UInt64($0) &* 0x1_0000_0000 }
    var slots = [UInt32](repeating: 0, count: 4_096)
    var table = slots.mutableSpan
    rehash64(keys.span, into: &table)
    var codes: [UInt32] = []
    var same = keys
    #expect(numberKeys64(keys.span.bytes, slots: &slots, keys: &same, keyLimit: 1_000, codes: &codes) == 1_000)
    #expect(codes == (0..<1_000).map(UInt32.init))
    #expect(same == keys)
  }
}
