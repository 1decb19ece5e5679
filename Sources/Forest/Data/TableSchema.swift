import FoundationEssentials

/// What the columns of a table are, read from a file beside the data: a new disease needs a schema, and no code.
///
///     {
///       "name": "diabetes",
///       "label": "outcome",
///       "columns": [{"name": "glucose", "unit": "mg/dL", "missing": [0], "limits": [20, 600]}]
///     }
public struct TableSchema: Hashable, Sendable, Codable {
  /// A column that is learned from.
  public struct Column: Hashable, Sendable, Codable {
    /// The name, as in the table's first line.
    public var name: String
    /// The unit, for people.
    public var unit: String?
    /// What it is, for people.
    public var description: String?
    /// Numbers that stand for a missing value.
    public var missing: [Double]?
    /// The lowest and the highest value that can be.
    public var limits: [Double]?
  }

  /// The name of what is predicted.
  public var name: String
  /// Where the data comes from, for people.
  public var description: String?
  /// The column that holds 0 or 1: what is predicted.
  public var label: String
  /// The columns that are learned from, in the order of a model's.
  public var columns: [Column]

  /// Reads a schema.
  ///
  /// - Throws: ``ForestError`` with ``ForestError/Code/badData`` for anything but a schema that makes sense.
  public init(json bytes: [UInt8]) throws(ForestError) {
    do {
      self = try JSONDecoder().decode(TableSchema.self, from: Data(bytes))
    } catch {
      throw ForestError(.badData, "this is no schema: it is a JSON object of name, label and columns")
    }
    guard !columns.isEmpty, columns.count < 10_000 else {
      throw ForestError(.badData, "the schema names 1 to 10,000 columns")
    }
    let names = columns.map(\.name)
    guard Set(names + [label]).count == names.count + 1 else {
      throw ForestError(.badData, "the schema names a column twice")
    }
    for column in columns {
      if let limits = column.limits, limits.count != 2 || limits[0] > limits[1] {
        throw ForestError(.badData, "the limits of \(column.name) are two numbers, the lower one first")
      }
    }
  }
}
