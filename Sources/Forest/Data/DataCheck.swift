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
    /// Between these two lies half of all values.
    public var lowerQuartile, upperQuartile: Double?
  }

  /// One of more than two classes.
  public struct Class: Hashable, Sendable, Codable {
    /// The name.
    public var name: String
    /// How many rows are of it.
    public var rows: Int
  }

  /// The number of rows, of those with target 1 (0 where targets are numbers or there are more than two classes), and
  /// of those that are as another one.
  public var rows, positives, duplicates: Int
  /// The rows of each of more than two classes; `nil` where there are none.
  public var classes: [Class]?
  /// The columns.
  public var columns: [Column]

  /// Checks a table.
  public init(_ table: LabelledTable, schema: TableSchema) {
    let data = table.features
    rows = data.rowCount
    positives = schema.classCount == 2 ? table.targets?.count { $0 == 1 } ?? 0 : 0
    if schema.classCount > 2 {
      classes = schema.classNames.enumerated().map { number, name in
        Class(name: name, rows: table.targets?.count { $0 == Double(number) } ?? 0)
      }
    }
    // Hashes, not rows, which would be the table over again; two of millions of rows share one by no more than chance.
    var seen: Set<Int> = []
    duplicates = 0
    for row in 0..<data.rowCount {
      var hasher = Hasher()
      for column in data.columns { hasher.combine(column[row].bitPattern) }
      hasher.combine(table.targets?[row].bitPattern)
      if !seen.insert(hasher.finalize()).inserted { duplicates += 1 }
    }
    columns = zip(schema.columns, data.columns).map { column, values in
      let present = values.filter { !$0.isNaN }.sorted()
      let impossible = present.count { value in
        column.limits.map { Double(value) < $0[0] || Double(value) > $0[1] } ?? false
      }
      return Column(
        name: column.name, missing: values.count - present.count, impossible: impossible,
        minimum: present.first.map(Double.init), median: present.isEmpty ? nil : Double(present[present.count / 2]),
        maximum: present.last.map(Double.init),
        lowerQuartile: present.isEmpty ? nil : Double(present[present.count / 4]),
        upperQuartile: present.isEmpty ? nil : Double(present[present.count * 3 / 4]))
    }
  }

  /// In what this table differs from one before: columns whose median left the half of values in the middle, or that
  /// are missing much more or much less often; a share of positives, or of a class, that is much larger or smaller.
  public func drift(since before: DataCheck) -> [String] {
    var lines: [String] = []
    func percent(_ part: Int, _ whole: Int) -> Int {
      whole == 0 ? 0 : Int((Double(part) / Double(whole) * 100).rounded())
    }
    let (was, now) = (percent(before.positives, before.rows), percent(positives, rows))
    if abs(was - now) >= 10 { lines.append("positive rows: \(now) %, \(was) % before") }
    for own in before.classes == nil ? [] : classes ?? [] {
      guard let former = before.classes?.first(where: { $0.name == own.name }) else {
        lines.append("class \(own.name): was not there before")
        continue
      }
      let (was, now) = (percent(former.rows, before.rows), percent(own.rows, rows))
      if abs(was - now) >= 10 { lines.append("class \(own.name): \(now) % of rows, \(was) % before") }
    }
    for column in columns {
      guard let former = before.columns.first(where: { $0.name == column.name }) else {
        lines.append("\(column.name): was not there before")
        continue
      }
      let (was, now) = (percent(former.missing, before.rows), percent(column.missing, rows))
      if abs(was - now) >= 10 { lines.append("\(column.name): \(now) % missing, \(was) % before") }
      if let median = column.median, let low = former.lowerQuartile, let high = former.upperQuartile,
        median < low || median > high
      {
        lines.append("\(column.name): the median is \(median), half of all values were from \(low) to \(high) before")
      }
    }
    return lines
  }
}
