import Kernels
import Testing

@Suite struct DeltaPackingTests {
  /// Reads a stream back by its grammar, one bit at a time.
  private func decoded(_ bytes: [UInt8]) -> [Int64] {
    var at = 0
    func varint() -> UInt64 {
      var value: UInt64 = 0
      var shift: UInt64 = 0
      while true {
        let byte = bytes[at]
        at += 1
        value |= UInt64(byte & 0x7F) << shift
        if byte < 0x80 { return value }
        shift += 7
      }
    }
    func zigzag() -> Int64 {
      let value = varint()
      return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }
    _ = (varint(), varint())
    let total = Int(varint())
    var values = [zigzag()]
    if total == 0 { return [] }
    while values.count < total {
      let smallest = zigzag()
      let widths = Array(bytes[at..<at + 4])
      at += 4
      for width in widths where values.count < total {
        for index in 0..<32 {
          var difference: UInt64 = 0
          for bit in 0..<Int(width) {
            let place = index * Int(width) + bit
            difference |= UInt64(bytes[at + place / 8] >> UInt8(place % 8) & 1) << UInt64(bit)
          }
          if values.count < total {
            values.append(values[values.count - 1] &+ smallest &+ Int64(bitPattern: difference))
          }
        }
        at += 4 * Int(width)
      }
    }
    #expect(at == bytes.count, "nothing is left over")
    return values
  }

  @Test("64-bit values of every width come back", arguments: [0, 1, 2, 31, 32, 33, 127, 128, 129, 130, 300])
  func roundTrip64(count: Int) {
    for width in 0...64 {
      let values = (0..<count).map { index -> Int64 in
        let mixed = UInt64(truncatingIfNeeded: index + 1) &* 0x9E37_79B9_7F4A_7C15
        return Int64(bitPattern: width == 0 ? 0 : mixed >> UInt64(64 - width))
      }
      var bytes: [UInt8] = []
      appendDeltaPacked64(values.span.bytes, to: &bytes)
      #expect(decoded(bytes) == values, "width \(width)")
    }
  }

  @Test("32-bit differences wrap within 32 bits", arguments: [2, 129])
  func roundTrip32(count: Int) {
    let values = (0..<count).map { $0 % 2 == 0 ? Int32.min : Int32.max }
    var bytes: [UInt8] = []
    appendDeltaPacked32(values.span.bytes, to: &bytes)
    #expect(decoded(bytes).map { Int32(truncatingIfNeeded: $0) } == values)
    // A difference of the extremes is -1 or 1, not a number of 33 bits.
    #expect(bytes.count < 60)
  }

  @Test("streams of every width, whole groups and remainders", arguments: [1, 2, 3, 4, 5, 8, 12, 16])
  func streams(width: Int) {
    for count in [0, 1, 7, 8, 9, 64, 77] {
      let values = (0..<count * width).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 11) }
      var streams: [UInt8] = [0xEE]
      appendSplitStreams(values.span.bytes, width: width, to: &streams)
      var expected: [UInt8] = [0xEE]
      for stream in 0..<width { for index in 0..<count { expected.append(values[index * width + stream]) } }
      #expect(streams == expected, "\(count) values")
    }
  }
}
