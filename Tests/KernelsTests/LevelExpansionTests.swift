import Kernels
import Testing

@Suite struct LevelExpansionTests {
  @Test("the worked example: [a b], null, [] and [c]")
  func example() {
    var definition: [UInt8] = [0, 0, 0, 0]
    var repetition: [UInt8] = []
    var positions: [UInt32] = [0, 1, 2, 3]
    var levels = definition.mutableSpan
    var open = positions.mutableSpan
    let closed = closeNullSlots(&levels, level: 0, positions: &open, validity: [0b1101].span)
    #expect(closed == 1)
    positions.removeLast(closed)
    #expect(definition == [1, 0, 1, 1] && positions == [0, 2, 3])
    expandLists(
      definition: &definition, repetition: &repetition, level: 1, itemRepetition: 1, positions: &positions,
      offsets: [0, 2, 2, 2, 3].span)
    #expect(definition == [2, 2, 0, 1, 2])
    #expect(repetition == [0, 1, 0, 0, 0])
    #expect(positions == [0, 1, 2])
  }

  @Test("lists of lists keep the outer repetition level on a first item")
  func twoLevels() {
    // [[1 2] []] and [[3]]
    var definition: [UInt8] = [0, 0]
    var repetition: [UInt8] = []
    var positions: [UInt32] = [0, 1]
    expandLists(
      definition: &definition, repetition: &repetition, level: 0, itemRepetition: 1, positions: &positions,
      offsets: [0, 2, 3].span)
    expandLists(
      definition: &definition, repetition: &repetition, level: 1, itemRepetition: 2, positions: &positions,
      offsets: [0, 2, 2, 3].span)
    #expect(definition == [2, 2, 1, 2])
    #expect(repetition == [0, 2, 1, 0])
    #expect(positions == [0, 1, 2])
  }

  @Test("nothing in gives nothing out")
  func empty() {
    var definition: [UInt8] = []
    var repetition: [UInt8] = []
    var positions: [UInt32] = []
    expandLists(
      definition: &definition, repetition: &repetition, level: 0, itemRepetition: 1, positions: &positions,
      offsets: [0].span)
    #expect(definition.isEmpty && repetition.isEmpty && positions.isEmpty)
    let none: [UInt8] = []
    let start = nextRowStart(none.span, from: 0)
    #expect(start == 0)
  }

  @Test("values and positions of set bits, over word borders", arguments: [0..<0, 0..<200, 3..<64, 60..<70, 64..<130])
  func compaction(rows: Range<Int>) {
    let values = (0..<200).map { Int32($0) }
    let words: [UInt64] = [.max, 0x5555_5555_5555_5555, 0, 0xFF]
    let expected = rows.filter { words[$0 / 64] >> UInt64($0 % 64) & 1 == 1 }
    var kept: [Int32] = [-1]
    compactValues(values.span, rows: rows, validity: words.span, appendingTo: &kept)
    #expect(kept == [-1] + expected.map { Int32($0) })
    var positions: [UInt32] = []
    appendSetPositions(words.span, in: rows, to: &positions)
    #expect(positions == expected.map { UInt32($0) })
  }

  @Test("shared prefixes", arguments: [0, 1, 7, 8, 9, 16, 20])
  func prefixes(length: Int) {
    let first = [UInt8](repeating: 7, count: length) + [1]
    let second = [UInt8](repeating: 7, count: length) + [2, 3]
    let bytes = first + second
    let whole = sharedPrefix(bytes.span.bytes, 0..<first.count, first.count..<bytes.count)
    let cut = sharedPrefix(bytes.span.bytes, 0..<length, first.count..<bytes.count)
    #expect(whole == length)
    #expect(cut == length)
  }
}
