import Kernels
import Testing

/// The kernels over levels against loops that do the same the plain way.
@Suite struct LevelTests {
  private func random(_ count: Int, below bound: UInt8, seed: Int) -> [UInt8] {
    var state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1
    return (0..<count).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return UInt8((state >> 33) % UInt64(bound))
    }
  }

  @Test("packed values of up to eight bits, from any place", arguments: 0...8)
  func unpacking(width: Int) {
    for count in [0, 1, 7, 8, 9, 31, 64, 200] {
      let values =
        width == 0
        ? [UInt8](repeating: 0, count: count)
        : random(count, below: 255, seed: width)
          .map { $0 & UInt8((1 << width) - 1) }
      var packed = [UInt8](repeating: 0, count: (count * width + 7) / 8)
      for (index, value) in values.enumerated() {
        for bit in 0..<width where value >> UInt8(bit) & 1 == 1 {
          packed[(index * width + bit) / 8] |= 1 << UInt8((index * width + bit) % 8)
        }
      }
      for first in 0...min(count, 17) {
        var output: [UInt8] = [9]
        unpackBytes(packed.span.bytes, width: width, first: first, count: count - first, appendingTo: &output)
        #expect(output == [9] + values[first...], "width \(width), \(first) of \(count)")
      }
    }
  }

  @Test("counting, largest, and the ends of rows")
  func scanning() {
    for count in [0, 1, 8, 15, 100, 9_000] {
      let levels = random(count, below: 4, seed: count + 1)
      for threshold in UInt8(0)...4 {
        #expect(countLevels(levels.span, notBelow: threshold) == levels.count { $0 >= threshold })
      }
      #expect(maximumLevel(levels.span) == levels.max() ?? 0)
      for rows in [0, 1, 2, 5, 40, 10_000] {
        for start in [0, min(3, count), count] {
          var end = start
          var found = 0
          while end < count {
            if levels[end] == 0 {
              if found == rows { break }
              found += 1
            }
            end += 1
          }
          let result = findRowEnd(levels.span, from: start, rows: rows)
          #expect(result.end == end && result.rows == found, "\(count) levels, \(rows) rows from \(start)")
        }
      }
    }
  }

  @Test("validity and offsets")
  func assembly() {
    for count in [0, 1, 63, 64, 65, 128, 1_000] {
      let definitions = random(count, below: 5, seed: count)
      let repetitions = random(count, below: 3, seed: count + 7)
      for slot in UInt8(0)...3 {
        for valid in slot...4 {
          var words: [UInt64] = []
          let plain = definitions.filter { $0 >= slot }.map { $0 >= valid }
          let found = slotValidity(definitions.span, slot: slot, valid: valid, into: &words)
          #expect(found.slots == plain.count && found.valid == plain.count { $0 })
          #expect(words == Self.words(plain))
          for depth in UInt8(0)...2 {
            var words: [UInt64] = []
            let kept = zip(definitions, repetitions).filter { $0 >= slot && $1 <= depth }.map { $0.0 >= valid }
            let found = slotValidity(
              definitions: definitions.span, repetitions: repetitions.span, slot: slot, depth: depth, valid: valid,
              into: &words)
            #expect(found.slots == kept.count && words == Self.words(kept))
          }
        }
        var offsets: [Int32] = []
        var items: Int32 = 0
        for (definition, repetition) in zip(definitions, repetitions) {
          if definition >= slot && repetition < 2 { offsets.append(items) }
          if definition >= slot + 1 && repetition <= 2 { items += 1 }
        }
        #expect(
          listOffsets(
            definitions: definitions.span, repetitions: repetitions.span, slot: slot, item: slot + 1, repetition: 2)
            == offsets + [items])
      }
    }
  }

  private static func words(_ flags: [Bool]) -> [UInt64] {
    var words = [UInt64](repeating: 0, count: (flags.count + 63) / 64)
    for (index, flag) in flags.enumerated() where flag { words[index / 64] |= 1 << UInt64(index % 64) }
    return words
  }

  @Test("differences of any width", arguments: [0, 1, 5, 8, 31, 33, 56, 57, 58, 63, 64])
  func deltas(width: Int) {
    let count = 70
    var state: UInt64 = 88
    let differences = (0..<count).map { _ -> UInt64 in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return width == 0 ? 0 : state >> UInt64(64 - width)
    }
    var packed = [UInt8](repeating: 0, count: (count * width + 7) / 8)
    for (index, value) in differences.enumerated() {
      for bit in 0..<width where value >> UInt64(bit) & 1 == 1 {
        packed[(index * width + bit) / 8] |= 1 << UInt8((index * width + bit) % 8)
      }
    }
    for first in [0, 1, 8, 33, 70] {
      var expected: [Int64] = []
      var last: Int64 = -5
      for difference in differences[first...] {
        last = last &+ 3 &+ Int64(bitPattern: difference)
        expected.append(last)
      }
      var output: [Int64] = []
      let end = appendDeltas(
        packed.span.bytes, width: width, first: first, count: count - first, smallest: 3, last: -5, to: &output)
      #expect(output == expected && end == expected.last ?? -5)
    }
  }
}
