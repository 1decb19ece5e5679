import Columnar
import Vitals

/// Grows one column of a batch row by row.
///
/// All homes of values stand side by side and only the one of the field's type is used: appending to an array inside an
/// enumeration would copy it.
struct ColumnBuilder {
  let field: Field
  private let kind: FieldRule.Kind
  private(set) var count = 0
  private var nullCount = 0
  private var validity: [UInt64] = []
  private var doubles: [Double] = []
  private var floats: [Float] = []
  private var longs: [Int64] = []
  private var ints: [Int32] = []
  private var bits = Bitmap()
  private var bytes = ByteStrings()

  init(field: Field, type: RecordType) {
    self.field = field
    kind = FieldRule.Kind(type)
  }

  /// Adds the value of a parsed field; a slot without a value adds a null.
  @inline(__always)
  mutating func append(_ slot: Slot, from parser: borrowing RecordParser, payload: UnsafeRawBufferPointer) {
    let isValid = slot.state == .value
    appendValidity(isValid)
    switch kind {
    case .double: doubles.append(slot.double)
    case .float: floats.append(Float(slot.double))
    case .millis: longs.append(slot.integer &* 1_000)
    case .long: longs.append(slot.integer)
    case .int: ints.append(Int32(truncatingIfNeeded: slot.integer))
    case .boolean: bits.append(slot.bits != 0)
    case .text, .symbol:
      if isValid {
        unsafe parser.withBytes(of: slot, payload: payload) { unsafe bytes.bytes.append(contentsOf: $0) }
      }
      bytes.offsets.append(Int32(truncatingIfNeeded: bytes.bytes.count))
    }
  }

  /// Bytes that the values take, roughly; for limits of memory.
  var byteCount: Int {
    doubles.count * 8 + floats.count * 4 + longs.count * 8 + ints.count * 4 + bytes.bytes.count + bytes.offsets.count
      * 4
      + validity.count * 8
  }

  /// The finished column.
  func column() -> Column {
    let values: ColumnValues =
      switch kind {
      case .double: .double(doubles)
      case .float: .float(floats)
      case .long, .millis: .int64(longs)
      case .int: .int32(ints)
      case .boolean: .boolean(bits)
      case .text, .symbol: .bytes(bytes)
      }
    return Column(
      type: field.type, values: values, validity: nullCount == 0 ? nil : Bitmap(words: validity, count: count))
  }

  @inline(__always)
  private mutating func appendValidity(_ isValid: Bool) {
    if count & 63 == 0 { validity.append(0) }
    if isValid {
      validity[count &>> 6] |= 1 &<< UInt64(count & 63)
    } else {
      nullCount &+= 1
    }
    count &+= 1
  }
}
