/// What stands out in a table before anything is learned from it.
public struct DataCheck: Hashable, Sendable, Codable {
  /// A column.
  public struct Column: Hashable, Sendable, Codable {
    /// The name.
    public var name: String
    /// Rows without a value.
    public var missing: Int
    /// Values that cannot be, by the schema's limits.
    public var impossible: Int
    /// The lowest value, the median and the highest; `nil` where all are missing.
    public var minimum, median, maximum: Double?
  }

  /// The number of rows, of those with target 1, and of those that are as another one.
  public var rows, positives, duplicates: Int
  /// The columns.
  public var columns: [Column]

  /// Checks a table.
  public init(_ table: LabelledTable, schema: TableSchema) {
    let data = table.features
    rows = data.rowCount
    positives = table.targets?.count { $0 == 1 } ?? 0
    var seen: Set<[UInt32]> = []
    duplicates = 0
    for row in 0..<data.rowCount {
      let key = data.columns.map { $0[row].bitPattern } + [table.targets?[row] == 1 ? 1 : 0]
      if !seen.insert(key).inserted { duplicates += 1 }
    }
    columns = zip(schema.columns, data.columns).map { column, values in
      let present = values.filter { !$0.isNaN }.sorted()
      let impossible = present.count { value in
        column.limits.map { Double(value) < $0[0] || Double(value) > $0[1] } ?? false
      }
      return Column(
        name: column.name, missing: values.count - present.count, impossible: impossible,
        minimum: present.first.map(Double.init), median: present.isEmpty ? nil : Double(present[present.count / 2]),
        maximum: present.last.map(Double.init))
    }
  }
}
