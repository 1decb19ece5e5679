// MD5 (RFC 1321). The text is padded with a 1 bit, zeros and its length in bits to whole blocks of 64 bytes; each block
// changes four words by 64 steps of four kinds. MD5 of nothing is d41d8cd98f00b204e9800998ecf8427e.

/// The digest that `md5` gives: a fingerprint, and no protection.
enum MD5 {
  private static let shifts: [UInt32] = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21]
  private static let constants: [UInt32] = (1...64).map { UInt32(abs(Maths.sine(Double($0))) * 4_294_967_296) }
  private static let digits = Array("0123456789abcdef".utf8)

  /// The digest as 32 hexadecimal digits.
  static func hex(of text: ArraySlice<UInt8>) -> [UInt8] {
    var message = Array(text)
    message.append(0x80)
    while message.count % 64 != 56 { message.append(0) }
    let bits = UInt64(text.count) &* 8
    for shift in stride(from: UInt64(0), to: 64, by: 8) { message.append(UInt8(truncatingIfNeeded: bits >> shift)) }
    var state: [UInt32] = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476]
    for start in stride(from: 0, to: message.count, by: 64) { add(message[start..<start + 64], to: &state) }
    var result: [UInt8] = []
    for word in state {
      for shift in stride(from: UInt32(0), to: 32, by: 8) {
        let byte = Int(word >> shift & 0xFF)
        result += [digits[byte >> 4], digits[byte & 15]]
      }
    }
    return result
  }

  private static func add(_ block: ArraySlice<UInt8>, to state: inout [UInt32]) {
    let words = (0..<16).map { index in
      (0..<4).reduce(UInt32(0)) { $0 | UInt32(block[block.startIndex + 4 * index + $1]) << UInt32(8 * $1) }
    }
    var (a, b, c, d) = (state[0], state[1], state[2], state[3])
    for step in 0..<64 {
      let mixed: UInt32
      let word: Int
      switch step / 16 {
      case 0: (mixed, word) = ((b & c) | (~b & d), step)
      case 1: (mixed, word) = ((d & b) | (~d & c), (5 * step + 1) % 16)
      case 2: (mixed, word) = (b ^ c ^ d, (3 * step + 5) % 16)
      default: (mixed, word) = (c ^ (b | ~d), 7 * step % 16)
      }
      let sum = a &+ mixed &+ constants[step] &+ words[word]
      let shift = shifts[step / 16 * 4 + step % 4]
      (a, d, c, b) = (d, c, b, b &+ (sum << shift | sum >> (32 - shift)))
    }
    state[0] &+= a
    state[1] &+= b
    state[2] &+= c
    state[3] &+= d
  }
}
