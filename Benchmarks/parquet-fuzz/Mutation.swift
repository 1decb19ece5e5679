import Kernels

/// Damages files in the ways that reach furthest into a reader. Pure: the same number gives the same input.
enum Mutation {
  /// Input `index` of a seed.
  static func input(_ index: Int, seed: UInt64, _ files: [[UInt8]]) -> [UInt8] {
    var random = SplitMix64(seed: seed &* 0x2545_F491_4F6C_DD1D &+ UInt64(truncatingIfNeeded: index))
    let source = files[Int.random(in: 0..<files.count, using: &random)]
    var bytes = source
    for _ in 0..<Int.random(in: 1...6, using: &random) {
      if bytes.count < 12 { break }
      change(&bytes, footer: footer(of: bytes), files, &random)
    }
    return bytes
  }

  /// Where the metadata lies, as far as its length can be believed.
  private static func footer(of bytes: [UInt8]) -> Range<Int> {
    let tail = bytes.suffix(8)
    let length = tail.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
    let end = bytes.count - 8
    return max(0, end - min(length, end))..<end
  }

  private static let telling: [UInt8] = [0, 1, 2, 3, 0x7F, 0x80, 0xFE, 0xFF, 0x15, 0x19, 0x1C, 0x26, 0x08, 0x40]

  private static func change(
    _ bytes: inout [UInt8], footer: Range<Int>, _ files: [[UInt8]], _ random: inout SplitMix64
  ) {
    // Half of the damage goes to the metadata, where a byte decides much.
    let isFooter = Bool.random(using: &random) && !footer.isEmpty
    let area = isFooter ? footer : 0..<max(1, footer.lowerBound)
    let at = Int.random(in: area, using: &random)
    switch Int.random(in: 0..<10, using: &random) {
    case 0: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    case 1: bytes[at] = UInt8.random(in: 0...255, using: &random)
    case 2, 3: bytes[at] = telling[Int.random(in: 0..<telling.count, using: &random)]
    case 4: bytes[at] = bytes[at] &+ (Bool.random(using: &random) ? 1 : 255)
    case 5:
      // A number of several bytes: large, or negative.
      for offset in 0..<min(Int.random(in: 2...9, using: &random), area.upperBound - at) {
        bytes[at + offset] = Bool.random(using: &random) ? 0xFF : 0x80
      }
    case 6:
      let from = Int.random(in: area, using: &random)
      let count = min(Int.random(in: 1...64, using: &random), area.upperBound - max(at, from))
      for offset in 0..<count { bytes[at + offset] = bytes[from + offset] }
    case 7: resize(&bytes, at: at, footer: footer, isFooter: isFooter, &random)
    case 8:
      let other = files[Int.random(in: 0..<files.count, using: &random)]
      let from = Int.random(in: 0..<other.count, using: &random)
      let count = min(Int.random(in: 1...256, using: &random), min(other.count - from, bytes.count - 8 - at))
      for offset in 0..<max(0, count) { bytes[at + offset] = other[from + offset] }
    default: bytes[bytes.count - 8 + Int.random(in: 0..<4, using: &random)] ^= UInt8.random(in: 0...255, using: &random)
    }
  }

  /// Takes bytes out or puts some in, and corrects the length of the metadata so that it is still found.
  private static func resize(
    _ bytes: inout [UInt8], at: Int, footer: Range<Int>, isFooter: Bool, _ random: inout SplitMix64
  ) {
    let count = Int.random(in: 1...16, using: &random)
    var length = footer.count
    if Bool.random(using: &random) {
      bytes.insert(contentsOf: (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }, at: at)
      length += isFooter ? count : 0
    } else {
      let end = min(at + count, isFooter ? footer.upperBound : footer.lowerBound)
      guard end > at else { return }
      bytes.removeSubrange(at..<end)
      length -= isFooter ? end - at : 0
    }
    for index in 0..<4 { bytes[bytes.count - 8 + index] = UInt8(truncatingIfNeeded: length >> (8 * index)) }
  }
}
