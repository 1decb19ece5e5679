public import Columnar
public import Vitals

/// The columns of a landed table: the record's fields, where each row came from, and the day it belongs to.
public struct TableLayout: Sendable {
  /// By what files are put into folders.
  public enum Partitioning: String, Hashable, Sendable, CaseIterable {
    /// The day of the event in UTC.
    case date
    /// The day and the hour of the event in UTC.
    case dateAndHour = "date,hour"
  }

  /// What a message holds.
  public let record: RecordSchema
  /// By what files are put into folders.
  public let partitioning: Partitioning

  /// The layout for records of this schema.
  public init(record: RecordSchema, partitioning: Partitioning = .date) {
    self.record = record
    self.partitioning = partitioning
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
  /// The hour of the event in UTC, in tables that are asked for it.
  public static let hourField = Field("hour", .int(bits: 32))

  /// The columns whose values are the names of folders.
  public var partitionFields: [Field] {
    switch partitioning {
    case .date: [Self.dateField]
    case .dateAndHour: [Self.dateField, Self.hourField]
    }
  }

  /// Milliseconds of event time that share a folder.
  var bucketMillis: Int64 {
    switch partitioning {
    case .date: 86_400_000
    case .dateAndHour: 3_600_000
    }
  }

  /// The folder of the rows of a bucket: whole days or hours since 1970-01-01, `nil` for rows without any time.
  func folder(bucket: Int32?) -> EventFolder {
    switch partitioning {
    case .date: EventFolder([("date", bucket.map { Self.date(Int($0)) })])
    case .dateAndHour:
      EventFolder([
        ("date", bucket.map { Self.date(Int($0.flooredQuotient(24))) }),
        ("hour", bucket.map { String($0 - $0.flooredQuotient(24) * 24) }),
      ])
    }
  }

  private static func date(_ days: Int) -> String { CivilDate(daysSinceEpoch: days).description }

  /// The columns that the data files hold.
  ///
  /// The table's columns are nullable even where a record must have the field, so that a later schema can drop the
  /// demand without a change of the table's protocol.
  public var fileSchema: Schema {
    Schema(
      record.tableSchema.fields.map { Field($0.name, $0.type) } + Self.originFields.map { Field($0.name, $0.type) })
  }

  /// All columns of the table.
  public var tableSchema: Schema { Schema(fileSchema.fields + partitionFields) }

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

/// The folder of files that share the values of the partition columns, in Hive's form.
struct EventFolder: Hashable, Sendable {
  /// The values in the log by column; `nil` for rows without any time.
  let values: [String: String?]
  /// `date=2026-01-02/hour=7`, or empty for a table without partition columns.
  let path: String

  init(_ columns: [(name: String, value: String?)]) {
    values = Dictionary(uniqueKeysWithValues: columns)
    path = columns.map { "\($0.name)=\($0.value ?? "__HIVE_DEFAULT_PARTITION__")" }.joined(separator: "/")
  }

  /// The root of the table.
  static let none = EventFolder([])
}

extension FixedWidthInteger {
  /// The quotient rounded down, also below zero.
  func flooredQuotient(_ divisor: Self) -> Self {
    let (quotient, rest) = quotientAndRemainder(dividingBy: divisor)
    return rest < 0 ? quotient - 1 : quotient
  }
}
