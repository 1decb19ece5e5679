import Columnar
import Vitals

/// Rows of one Kafka partition and one folder.
struct RowBuffer {
  /// Whole days or hours since 1970-01-01, as the layout has it; `nil` for rows without any time.
  let bucket: Int32?
  /// When rows last began to come here, in the assembler's count of such turns.
  var lastTurn = 0
  private(set) var count = 0
  private(set) var byteCount = 0
  private var rows: StagedRows

  init(bucket: Int32?, layout: TableLayout) {
    self.bucket = bucket
    rows = StagedRows(fields: layout.record.fields)
  }

  /// Adds the record that the parser holds.
  @inline(__always)
  mutating func append(
    _ parser: borrowing RecordParser, payload: UnsafeRawBufferPointer, offset: Int64, timestampMillis: Int64?
  ) {
    unsafe rows.append(parser, payload: payload, offset: offset, kafkaMicros: kafkaMicros(timestampMillis))
    count &+= 1
    byteCount &+= Self.cost(of: payload.count)
  }

  /// Bytes that a record is counted for, roughly the memory that its row takes.
  static func cost(of payloadBytes: Int) -> Int { payloadBytes &+ 64 }

  /// The last record, where it has a Kafka time; offsets rise within a buffer.
  var last: RecordMark? {
    guard let last = rows.lastOrigin, let micros = last.kafkaMicros else { return nil }
    return RecordMark(offset: last.offset, timestampMillis: micros.flooredQuotient(1_000))
  }

  /// The rows as a batch of a data file.
  func batch(layout: TableLayout, partition: Int32, incarnation: Int32) -> RecordBatch {
    let origin = TableLayout.originFields
    let columns =
      rows.columns(layout.fileSchema.fields) + [
        Column(type: origin[0].type, values: .int32(Array(repeating: partition, count: count))),
        Column(type: origin[1].type, values: .int64(rows.offsets)),
        rows.kafkaTimes(origin[2].type),
        Column(type: origin[3].type, values: .int32(Array(repeating: incarnation, count: count))),
      ]
    return RecordBatch(schema: layout.fileSchema, columns: columns, rowCount: count)
  }
}

/// A record's Kafka time in microseconds; `nil` where it has none, or one that no clock shows.
@inline(__always)
func kafkaMicros(_ millis: Int64?) -> Int64? {
  guard let millis else { return nil }
  let (micros, overflows) = millis.multipliedReportingOverflow(by: 1_000)
  return overflows ? nil : micros
}
