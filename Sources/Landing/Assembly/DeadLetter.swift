import Columnar

/// A record that could not become a row, kept as it came.
public struct DeadLetter: Hashable, Sendable {
  /// The place of the record in its Kafka partition.
  public var offset: Int64
  /// Milliseconds since 1970-01-01 UTC, where the record has a time.
  public var timestampMillis: Int64?
  /// Why it is here.
  public var reason: Rejection
  /// The record's key.
  public var key: [UInt8]?
  /// The record's value; `nil` for a tombstone.
  public var value: [UInt8]?
  /// The record's headers as a JSON array of `{"name":…,"value":base64}`.
  public var headers: String?

  /// Makes a dead letter.
  public init(
    offset: Int64, timestampMillis: Int64?, reason: Rejection, key: [UInt8]?, value: [UInt8]?, headers: String?
  ) {
    self.offset = offset
    self.timestampMillis = timestampMillis
    self.reason = reason
    self.key = key
    self.value = value
    self.headers = headers
  }

  /// Bytes in memory, roughly.
  var byteCount: Int { (key?.count ?? 0) + (value?.count ?? 0) + 256 }

  /// Dead letters of one Kafka partition as a batch of a data file.
  static func batch(_ letters: [DeadLetter], source: TopicSource, partition: Int32) -> RecordBatch {
    func text(_ values: [[UInt8]?]) -> (ColumnValues, Bitmap?) {
      var strings = ByteStrings()
      for value in values { strings.append(value ?? []) }
      return (.bytes(strings), values.contains { $0 == nil } ? Bitmap(values.map { $0 != nil }) : nil)
    }
    let times = letters.map { kafkaMicros($0.timestampMillis) }
    let columns: [(ColumnValues, Bitmap?)] = [
      text(letters.map { _ in Array(source.topic.utf8) }),
      (.int32(letters.map { _ in partition }), nil),
      (.int64(letters.map(\.offset)), nil),
      (.int64(times.map { $0 ?? 0 }), times.contains { $0 == nil } ? Bitmap(times.map { $0 != nil }) : nil),
      (.int32(letters.map { _ in source.incarnation }), nil),
      text(letters.map { Array($0.reason.code.utf8) }),
      text(letters.map { Array($0.reason.description.utf8) }),
      text(letters.map(\.key)),
      text(letters.map(\.value)),
      text(letters.map { $0.headers.map { Array($0.utf8) } }),
    ]
    let schema = TableLayout.deadLetterSchema
    return RecordBatch(
      schema: schema,
      columns: zip(schema.fields, columns).map { Column(type: $0.type, values: $1.0, validity: $1.1) },
      rowCount: letters.count)
  }
}
