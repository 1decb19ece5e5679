import Kernels
import Testing

/// Columns out of cells, against the plainest loop.
@Suite struct TransposingTests {
  /// Rows of three cells: a mask, a number, and a string's place.
  private static func rows(_ count: Int) -> [UInt64] {
    var cells: [UInt64] = []
    for row in 0..<UInt64(count) {
      cells.append(row &* 0x9E37_79B9_7F4A_7C15)
      cells.append(row &* 3 | 1 << 63)
      cells.append((row % 5) << 32 | row)
    }
    return cells
  }

  @Test(arguments: [0, 1, 63, 64, 65, 200])
  func cellsOfOneColumn(count: Int) {
    let cells = Self.rows(count)
    var wide: [UInt64] = [7]
    appendCells(cells.span, width: 3, cell: 1, to: &wide)
    #expect(wide == [7] + (0..<count).map { cells[$0 * 3 + 1] })
    var narrow: [Int32] = []
    appendCells(cells.span, width: 3, cell: 1, to: &narrow)
    #expect(narrow == (0..<count).map { Int32($0 * 3) }, "the low bytes are kept")
  }

  @Test(arguments: [0, 1, 63, 64, 65, 200], [0, 1, 31, 63])
  func bitsOfOneColumn(count: Int, bit: Int) {
    let cells = Self.rows(count)
    var words: [UInt64] = []
    let setCount = appendCellBits(cells.span, width: 3, cell: 0, bit: bit, to: &words)
    let expected = (0..<count).map { row -> Bool in cells[row * 3] >> UInt64(bit) & 1 == 1 }
    #expect(words.count == (count + 63) / 64)
    let packed = (0..<count).map { row -> Bool in words[row / 64] >> UInt64(row % 64) & 1 == 1 }
    #expect(packed == expected)
    #expect(setCount == expected.count { $0 })
  }

  @Test(arguments: [0, 1, 5, 200])
  func stringsOfOneColumn(count: Int) {
    let cells = Self.rows(count)
    let text = (0..<UInt8(250)).map { $0 }
    var offsets: [Int32] = [0]
    var bytes: [UInt8] = []
    appendCellTexts(cells.span, width: 3, cell: 2, text: text.span.bytes, offsets: &offsets, bytes: &bytes)
    let expected = (0..<count).map { row in Array(text[row..<row + row % 5]) }
    var ends: [Int32] = [0]
    for string in expected { ends.append(ends[ends.count - 1] + Int32(string.count)) }
    #expect(offsets == ends)
    #expect(bytes == expected.flatMap { $0 })
  }

  @Test func stringsThatAreAllEmptyStillEnd() {
    var offsets: [Int32] = [0]
    var bytes: [UInt8] = []
    let nothing: [UInt8] = []
    appendCellTexts([0, 0, 0].span, width: 1, cell: 0, text: nothing.span.bytes, offsets: &offsets, bytes: &bytes)
    #expect(offsets == [0, 0, 0, 0])
    #expect(bytes.isEmpty)
  }

  @Test func aStringOutsideItsTextIsOurOwnFault() async {
    await #expect(processExitsWith: .failure) {
      var offsets: [Int32] = [0]
      var bytes: [UInt8] = []
      let text: [UInt8] = [1, 2, 3]
      appendCellTexts([2 << 32 | 2].span, width: 1, cell: 0, text: text.span.bytes, offsets: &offsets, bytes: &bytes)
    }
  }
}
