internal import Columnar
internal import Parquet

// A condition over one column is decided once for each entry of its dictionary.

extension Scan {
  /// What tells the Parquet reader by the entries of a dictionary which rows cannot pass; `nil` where no condition is
  /// over one column of the file alone.
  func rowTest(_ metadata: ParquetMetadata) -> RowTest? {
    for condition in filters {
      guard let index = Array(condition.columns).only else { continue }
      let column = table.columns[columns[index]]
      guard column.kind == .file,
        let leaf = Array(metadata.columns.indices.filter { metadata.columns[$0].path == [column.name] }).only,
        metadata.columns[leaf].maxRepetitionLevel == 0
      else { continue }
      let type = column.type
      let test = condition.replacingColumns { .column(0, $1) }
      return RowTest(leaf: leaf) { entries in Self.flags(entries, type, test) }
    }
    return nil
  }

  /// A byte for each entry, 0 where the condition does not hold; `nil` where it cannot be computed for one, which
  /// perhaps no row has.
  private static func flags(_ entries: Column, _ type: SQLType, _ condition: Expression) -> [UInt8]? {
    let count = entries.count
    guard count > 0, let stored = try? Vector(entries),
      let values = try? Casting.cast(stored, to: type, isTry: false, count: count),
      let passing = try? condition.evaluate(Batch(columns: [values], count: count)).truePositions(count: count)
    else { return nil }
    var flags = [UInt8](repeating: 0, count: count)
    for place in passing { flags[Int(place)] = 1 }
    return flags
  }
}
