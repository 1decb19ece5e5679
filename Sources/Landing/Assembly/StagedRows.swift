import Columnar
import Kernels
import Vitals

/// Parsed records, one behind the other, until they become columns.
///
/// The consumer's thread, which every record passes, only copies a record's cells to the end of one array; the columns
/// are made of it in one go by the thread that writes the file.
///
/// A row is a few words with one bit a field that says whether it has a value, and one more for the Kafka time; then
/// one cell a field: the bits of the column's value, or for a string its place in `text` (start in the low half, length
/// in the high one); then the offset, and the Kafka time in microseconds.
struct StagedRows {
  /// Rows for which there is room from the start, so that small batches never move.
  private static let firstRows = 256

  private let kinds: [FieldRule.Kind]
  private let maskWords: Int
  private let width: Int
  private var cells: [UInt64] = []
  private var text: [UInt8] = []

  /// Starts empty, for records of these fields.
  init(fields: [RecordField]) {
    kinds = fields.map { FieldRule.Kind($0.type) }
    maskWords = fields.count / 64 + 1
    width = maskWords + kinds.count + 2
    cells.reserveCapacity(Self.firstRows * width)
  }

  /// How many rows there are.
  var count: Int { cells.count / width }

  /// Adds the record that the parser holds.
  @inline(__always)
  mutating func append(
    _ parser: borrowing RecordParser, payload: UnsafeRawBufferPointer, offset: Int64, kafkaMicros: Int64?
  ) {
    precondition(parser.slots.count == kinds.count, "a parser of the same schema")
    precondition(text.count <= Int(Int32.max), "strings of more than 2 GiB")
    let (kinds, words, width) = (kinds, maskWords, width)
    unsafe Self.append(
      parser, payload, offset, kafkaMicros, kinds: kinds.span, words: words, width: width, to: &cells, &text)
  }

  @inline(__always)
  private static func append(
    _ parser: borrowing RecordParser, _ payload: UnsafeRawBufferPointer, _ offset: Int64, _ kafkaMicros: Int64?,
    kinds: Span<FieldRule.Kind>, words: Int, width: Int, to cells: inout [UInt64], _ text: inout [UInt8]
  ) {
    cells.append(addingCapacity: width) { row in
      for word in 0..<words &- 1 { row.append(parser.validityWord(word)) }
      let timeBit: UInt64 = kafkaMicros == nil ? 0 : 1 &<< UInt64(kinds.count & 63)
      row.append(parser.validityWord(words &- 1) | timeBit)
      for index in kinds.indices {
        let slot = parser.slots[index]
        switch kinds[index] {
        case .double, .long, .boolean, .int: row.append(slot.bits)
        case .float: row.append(UInt64(Float(slot.double).bitPattern))
        case .millis: row.append(slot.bits &* 1_000)
        case .text, .symbol:
          row.append(UInt64(slot.count) &<< 32 | UInt64(text.count))
          if slot.count > 0 { unsafe parser.appendBytes(of: slot, payload: payload, to: &text) }
        }
      }
      row.append(UInt64(bitPattern: offset))
      row.append(UInt64(bitPattern: kafkaMicros ?? 0))
    }
  }

  /// The last record's offset, and its Kafka time in microseconds where it has one.
  var lastOrigin: (offset: Int64, kafkaMicros: Int64?)? {
    if cells.isEmpty { return nil }
    let row = cells.suffix(width)
    let hasTime = row[row.startIndex + maskWords - 1] >> UInt64(kinds.count & 63) & 1 == 1
    let (offset, micros) = (row[row.endIndex - 2], row[row.endIndex - 1])
    return (Int64(bitPattern: offset), hasTime ? Int64(bitPattern: micros) : nil)
  }

  /// The rows as columns of these fields, which are those of the records in the same order; linear in the cells.
  func columns(_ fields: [Field]) -> [Column] {
    zip(fields, kinds.indices).map { field, index in
      Column(type: field.type, values: values(kinds[index], cell: maskWords + index), validity: validity(index))
    }
  }

  /// The offsets.
  var offsets: [Int64] { gathered(width - 2) }

  /// The Kafka times in microseconds, as a column of this type.
  func kafkaTimes(_ type: DataType) -> Column {
    Column(type: type, values: .int64(gathered(width - 1)), validity: validity(kinds.count))
  }

  /// Which rows have a value, by a bit of the rows' first words; `nil` where all have one.
  private func validity(_ index: Int) -> Bitmap? {
    var words: [UInt64] = []
    let validCount = appendCellBits(cells.span, width: width, cell: index / 64, bit: index % 64, to: &words)
    return validCount == count ? nil : Bitmap(words: words, count: count)
  }

  private func values(_ kind: FieldRule.Kind, cell: Int) -> ColumnValues {
    switch kind {
    case .double: .double(gathered(cell))
    case .float: .float(gathered(cell))
    case .long, .millis: .int64(gathered(cell))
    case .int: .int32(gathered(cell))
    case .boolean: .boolean(bits(cell))
    case .text, .symbol: .bytes(strings(cell))
    }
  }

  private func gathered<T: BitwiseCopyable>(_ cell: Int) -> [T] {
    var values: [T] = []
    appendCells(cells.span, width: width, cell: cell, to: &values)
    return values
  }

  private func bits(_ cell: Int) -> Bitmap {
    var words: [UInt64] = []
    _ = appendCellBits(cells.span, width: width, cell: cell, bit: 0, to: &words)
    return Bitmap(words: words, count: count)
  }

  private func strings(_ cell: Int) -> ByteStrings {
    var strings = ByteStrings()
    unsafe appendCellTexts(
      cells.span, width: width, cell: cell, text: text.span.bytes, offsets: &strings.offsets, bytes: &strings.bytes)
    return strings
  }
}
