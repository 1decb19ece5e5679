/// Column by column out of rows that lie one behind the other in cells of eight bytes: row `r`'s cell `c` is
/// `cells[r * width + c]`.
///
/// Worked example: of the rows `[m0 a0 b0 m1 a1 b1]` with `width` 3, cell 1 gives `[a0 a1]`.

/// Adds one cell of each row, cut to the element's own bytes (the low ones).
///
/// - Precondition: `cells` holds whole rows and the cell lies within them.
@inlinable
public func appendCells<T: BitwiseCopyable>(_ cells: Span<UInt64>, width: Int, cell: Int, to array: inout [T]) {
  let rows = checkedRows(cells, width: width, cell: cell)
  array.append(addingCapacity: rows) { output in
    output.withUnsafeMutableBufferPointer { buffer, used in
      cells.withUnsafeBytes { bytes in
        var at = cell &* 8
        for row in 0..<rows {
          buffer[row] = bytes.loadUnaligned(fromByteOffset: at, as: T.self)
          at &+= width &* 8
        }
      }
      used = rows
    }
  }
}

/// Packs one bit of a cell of each row, the first row in the lowest bit.
///
/// - Returns: how many bits are set.
/// - Precondition: as ``appendCells(_:width:cell:to:)``; `bit` is below 64.
public func appendCellBits(
  _ cells: Span<UInt64>, width: Int, cell: Int, bit: Int, to words: inout [UInt64]
) -> Int {
  let rows = checkedRows(cells, width: width, cell: cell)
  var setCount = 0
  appendWritten((rows + 63) / 64, to: &words) { output in
    cells.withUnsafeBufferPointer { cells in
      var at = cell
      var row = 0
      while row < rows {
        var word: UInt64 = 0
        let end = min(64, rows &- row)
        for place in 0..<end {
          word |= ((cells[at] &>> UInt64(bit)) & 1) &<< UInt64(place)
          at &+= width
        }
        output[row &>> 6] = word
        setCount &+= word.nonzeroBitCount
        row &+= 64
      }
    }
  }
  return setCount
}

/// Adds the byte strings that one cell of each row names: the start in `text` in its low half, the length in its high
/// half. `offsets` gets the end of each in `bytes`.
///
/// - Precondition: as ``appendCells(_:width:cell:to:)``; every string lies within `text`, and all of them together stay
///   below 2 GiB.
public func appendCellTexts(
  _ cells: Span<UInt64>, width: Int, cell: Int, text: RawSpan, offsets: inout [Int32], bytes: inout [UInt8]
) {
  let rows = checkedRows(cells, width: width, cell: cell)
  var total = 0
  var at = cell
  for _ in 0..<rows {
    let (start, length) = (Int(cells[at] & 0xFFFF_FFFF), Int(cells[at] >> 32))
    precondition(start <= text.byteCount && length <= text.byteCount &- start, "a string outside its text")
    total &+= length
    at &+= width
  }
  let first = bytes.count
  precondition(first &+ total <= Int(Int32.max), "strings of more than 2 GiB")
  appendWritten(rows, to: &offsets) { ends in
    appendWritten(total, to: &bytes) { output in
      text.withUnsafeBytes { text in
        var at = cell
        var written = 0
        for row in 0..<rows {
          let (start, length) = (Int(cells[unchecked: at] & 0xFFFF_FFFF), Int(cells[unchecked: at] >> 32))
          if length > 0, let source = text.baseAddress {
            (UnsafeMutableRawPointer(output) + written).copyMemory(from: source + start, byteCount: length)
          }
          written &+= length
          ends[row] = Int32(truncatingIfNeeded: first &+ written)
          at &+= width
        }
      }
    }
    if total == 0 { for row in 0..<rows { ends[row] = Int32(truncatingIfNeeded: first) } }
  }
}

@usableFromInline
func checkedRows(_ cells: borrowing Span<UInt64>, width: Int, cell: Int) -> Int {
  precondition(width > 0 && cell >= 0 && cell < width && cells.count % width == 0, "whole rows of cells")
  return cells.count / width
}
