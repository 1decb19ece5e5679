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

  @Test("packed codes are looked up from any place, in blocks and across them")
  func packedCodes() {
    var state: UInt32 = 7
    func next() -> UInt32 {
      state = state &* 1_664_525 &+ 1_013_904_223
      return state >> 8
    }
    for width in [0, 1, 3, 7, 8, 11, 16, 20] {
      let entries = min(1 << width, 3_000)
      let codes = (0..<5_000).map { _ in next() % UInt32(entries) }
      let dictionary = (0..<entries).map { Double($0) * 1.5 }
      var packed: [UInt8] = []
      packBits(codes.span, width: width, appendingTo: &packed)
      for (first, count) in [(0, 5_000), (0, 8), (3, 1_024), (1_021, 2_051), (4_999, 1), (17, 0), (7, 1)] {
        var found: [Double] = [-1]
        #expect(
          lookUpPacked(
            packed.span.bytes, width: width, first: first, count: count, in: dictionary.span, appendingTo: &found))
        #expect(found == [-1] + codes[first..<first + count].map { dictionary[Int($0)] }, "\(width) \(first) \(count)")
        var plain: [Int32] = [9]
        #expect(
          unpackCodes(
            packed.span.bytes, width: width, first: first, count: count, entries: entries, appendingTo: &plain))
        #expect(plain == [9] + codes[first..<first + count].map { Int32($0) })
      }
    }
  }

  @Test("a code without an entry is found wherever it stands")
  func codesWithoutEntry() {
    for place in [0, 1_023, 1_024, 2_047, 2_999] {
      var codes = [UInt32](repeating: 4, count: 3_000)
      codes[place] = 5
      var packed: [UInt8] = []
      packBits(codes.span, width: 3, appendingTo: &packed)
      let dictionary: [Int32] = [10, 11, 12, 13, 14]
      var found: [Int32] = []
      #expect(
        !lookUpPacked(packed.span.bytes, width: 3, first: 0, count: 3_000, in: dictionary.span, appendingTo: &found))
      #expect(!unpackCodes(packed.span.bytes, width: 3, first: 0, count: 3_000, entries: 5, appendingTo: &found))
      let none: [Int32] = []
      #expect(!lookUpPacked(packed.span.bytes, width: 3, first: 0, count: 1, in: none.span, appendingTo: &found))
    }
  }
}
