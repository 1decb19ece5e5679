public import Columnar

/// Rows of facts put together one by one, for printing: what a file holds, what a check found.
///
/// For hundreds or thousands of rows; data itself goes through ``BatchPrinter`` as it was read.
public struct Report: Sendable {
  /// A value of a report.
  public enum Value: Sendable, Hashable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
    case text(String)
    case integer(Int64)
    case none

    /// A text.
    public init(stringLiteral value: String) { self = .text(value) }
    /// A number.
    public init(integerLiteral value: Int64) { self = .integer(value) }
    /// A text, or nothing.
    public init(_ value: String?) { self = value.map(Value.text) ?? .none }
    /// A number, or nothing.
    public init(_ value: (some BinaryInteger)?) { self = value.map { .integer(Int64(clamping: $0)) } ?? .none }
  }

  /// The columns.
  public let schema: Schema
  private var rows: [[Value]] = []

  /// Makes a report; a column is text unless its name is among `integers`.
  public init(_ names: [String], integers: Set<String> = []) {
    schema = Schema(names.map { Field($0, integers.contains($0) ? .int(bits: 64) : .string) })
  }

  /// Adds a row, one value for each column.
  public mutating func append(_ row: [Value]) {
    precondition(row.count == schema.fields.count, "one value for each column")
    rows.append(row)
  }

  /// The rows as columns; a value of the wrong kind becomes null.
  public var batch: RecordBatch {
    let columns = schema.fields.enumerated().map { position, field in
      field.type == .string ? texts(of: position) : integers(of: position)
    }
    return RecordBatch(schema: schema, columns: columns, rowCount: rows.count)
  }

  private func texts(of position: Int) -> Column {
    var values = ByteStrings()
    var validity = Bitmap()
    for row in rows {
      if case .text(let text) = row[position] {
        values.append(text.utf8)
        validity.append(true)
      } else {
        values.append([])
        validity.append(false)
      }
    }
    return Column(type: .string, values: .bytes(values), validity: validity)
  }

  private func integers(of position: Int) -> Column {
    var values: [Int64] = []
    var validity = Bitmap()
    for row in rows {
      if case .integer(let value) = row[position] {
        values.append(value)
        validity.append(true)
      } else {
        values.append(0)
        validity.append(false)
      }
    }
    return Column(type: .int(bits: 64), values: .int64(values), validity: validity)
  }
}
