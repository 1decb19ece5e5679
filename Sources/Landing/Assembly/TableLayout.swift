public import Columnar
public import Vitals

/// The columns of a landed table: the record's fields, where each row came from, and the day it belongs to.
public struct TableLayout: Sendable {
  /// What a message holds.
  public let record: RecordSchema

  /// The layout for records of this schema.
  public init(record: RecordSchema) {
    self.record = record
  }

  /// The columns that say where a row came from; with them anyone can check for loss and duplicates.
  public static let originFields = [
    Field("_kafka_partition", .int(bits: 32), isNullable: false),
    Field("_kafka_offset", .int(bits: 64), isNullable: false),
    Field("_kafka_timestamp", .timestamp(unit: .microseconds, isAdjustedToUTC: true)),
    Field("_kafka_incarnation", .int(bits: 32), isNullable: false),
  ]

  /// The column by which files are put into folders: the day of the event in UTC.
  public static let dateField = Field("date", .date)

  /// The columns that the data files hold.
  ///
  /// The table's columns are nullable even where a record must have the field, so that a later schema can drop the
  /// demand without a change of the table's protocol.
  public var fileSchema: Schema {
    Schema(
      record.tableSchema.fields.map { Field($0.name, $0.type) } + Self.originFields.map { Field($0.name, $0.type) })
  }

  /// All columns of the table.
  public var tableSchema: Schema { Schema(fileSchema.fields + [Self.dateField]) }

  /// The columns of the dead-letter table.
  public static let deadLetterSchema = Schema([
    Field("_kafka_topic", .string),
    Field("_kafka_partition", .int(bits: 32)),
    Field("_kafka_offset", .int(bits: 64)),
    Field("_kafka_timestamp", .timestamp(unit: .microseconds, isAdjustedToUTC: true)),
    Field("_kafka_incarnation", .int(bits: 32)),
    Field("error_code", .string),
    Field("error", .string),
    Field("key", .binary),
    Field("value", .binary),
    Field("headers", .string),
  ])
}
