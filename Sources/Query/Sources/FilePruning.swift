internal import Columnar

extension Scan {
  /// Whether a file can hold rows that pass: what the filters ask of columns that have one value for all of its rows.
  /// So a file of another partition is not even opened.
  func mayHold(file index: Int) -> Bool {
    let isKnown = columns.map { table.columns[$0].kind == .partition || table.columns[$0].kind == .fileName }
    let asking = filters.filter { filter in
      !filter.columns.isEmpty && filter.columns.allSatisfy { isKnown[$0] }
    }
    if asking.isEmpty { return true }
    var values: [Vector] = []
    for (place, column) in columns.enumerated() {
      let column = table.columns[column]
      // What cannot be read as its type is an error when the file is read.
      guard let value = try? table.constant(isKnown[place] ? column : .unknown(column.type), ofFile: index) else {
        return true
      }
      values.append(value.expanded(to: 1))
    }
    let batch = Batch(columns: values, count: 1)
    return asking.allSatisfy { filter in
      (try? filter.evaluate(batch).truePositions(count: 1).isEmpty) != true
    }
  }
}

extension BoundTable.TableColumn {
  /// A column of which nothing is known.
  fileprivate static func unknown(_ type: SQLType) -> Self { Self(name: "", type: type, kind: .file) }
}
