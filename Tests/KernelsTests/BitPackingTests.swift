import Kernels
import Testing

@Suite struct BitPackingTests {
  @Test("the specification's example at width 3")
  func example() {
    var packed: [UInt8] = []
    packBits([0, 1, 2, 3, 4, 5, 6, 7].span, width: 3, appendingTo: &packed)
    #expect(packed == [0x88, 0xC6, 0xFA])
    var values: [UInt32] = []
    unpackBits(packed.span.bytes, width: 3, count: 8, appendingTo: &values)
    #expect(values == [0, 1, 2, 3, 4, 5, 6, 7])
  }

  @Test("every width and many lengths come back", arguments: 0...32)
  func roundTrip(width: Int) {
    let mask: UInt32 = width == 32 ? .max : (1 << UInt32(width)) - 1
    for count in [0, 1, 7, 8, 9, 63, 64, 65, 257] {
      let values = (0..<count).map { UInt32(truncatingIfNeeded: $0 &* 0x9E37_79B9 &+ 12345) & mask }
      var packed: [UInt8] = [0xAA]
      packBits(values.span, width: width, appendingTo: &packed)
      #expect(packed.count == 1 + (count + 7) / 8 * width)
      // Exactly as many bytes as needed: reads must not go beyond.
      let needed = Array(packed[1..<1 + (count * width + 7) / 8])
      var back: [UInt32] = [7]
      unpackBits(needed.span.bytes, width: width, count: count, appendingTo: &back)
      #expect(back == [7] + values, "width \(width), \(count) values")
      var wide: [UInt64] = []
      unpackBits64(needed.span.bytes, width: width, count: count, appendingTo: &wide)
      #expect(wide == values.map(UInt64.init))
    }
  }

  @Test("widths beyond 32", arguments: 33...64)
  func wideValues(width: Int) {
    let mask: UInt64 = width == 64 ? .max : (1 << UInt64(width)) - 1
    let values = (0..<77).map { UInt64(truncatingIfNeeded: $0 &* 0x9E37_79B9_7F4A_7C1) &* 0xD1B5_4A32_D192_ED03 & mask }
    var packed = [UInt8](repeating: 0, count: (values.count * width + 7) / 8)
    for (index, value) in values.enumerated() {
      for bit in 0..<width where value >> UInt64(bit) & 1 == 1 {
        packed[(index * width + bit) / 8] |= 1 << UInt8((index * width + bit) % 8)
      }
    }
    var back: [UInt64] = []
    unpackBits64(packed.span.bytes, width: width, count: values.count, appendingTo: &back)
    #expect(back == values)
  }

  @Test("runs are found where they are")
  func runs() {
    let values: [UInt32] = [1, 2, 3, 4, 5, 6, 7, 8] + Array(repeating: 9, count: 21) + [1, 1, 1]
    #expect(nextUniformGroup(values.span, from: 0) == 8)
    #expect(lengthOfRun(values.span, from: 8) == 21)
    #expect(nextUniformGroup(values.span, from: 24) == 32)
    #expect(maximum(values.span) == 9)
    #expect(maximum([UInt32]().span) == 0)
  }
}
