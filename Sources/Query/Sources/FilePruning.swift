internal import Columnar
internal import Delta

extension Scan {
  /// Whether a file can hold rows that pass, by what is known without opening it: the values of its partition, and
  /// what a Delta log says of its columns.
  func mayHold(file index: Int) -> Bool {
    if filters.isEmpty, bound == nil { return true }
    return mayHoldPartition(index) && mayHoldStatistics(table.files.files[index])
  }

  /// The files in the order in which they are best read: where only the first rows of an order are wanted, those first
  /// that can hold them by what a Delta log says.
  var fileOrder: [Int] {
    let files = table.files.files
    guard let bound, let name = fileColumn(bound.column) else { return Array(files.indices) }
    let type = table.columns[columns[bound.column]].type.dataType
    return bound.order(
      files.map { file in
        let known = file.kept.bounds(file.statistics)
        return bound.isDescending ? known?.high(of: name, type) : known?.low(of: name, type)
      })
  }

  private func mayHoldPartition(_ index: Int) -> Bool {
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

  private func mayHoldStatistics(_ file: TableFile) -> Bool {
    guard let known = file.kept.bounds(file.statistics) else { return true }
    if let bound, let value = bound.value {
      let operation = bound.isDescending ? Operation.greaterOrEqual : .lessOrEqual
      guard mayHold(bound.column, operation, value, known) else { return false }
    }
    return filters.allSatisfy { mayHold($0, known) }
  }

  /// Whether a condition can hold for a row of a file with these bounds.
  private func mayHold(_ condition: Expression, _ known: FileBounds) -> Bool {
    guard case .call(let operation, let arguments, _, _) = condition else { return true }
    switch operation {
    case .and: return arguments.allSatisfy { mayHold($0, known) }
    case .or: return arguments.contains { mayHold($0, known) }
    case .isNull, .isNotNull:
      guard case .column(let column, _) = arguments[0], let name = fileColumn(column),
        let nulls = known.nullCount(of: name)
      else { return true }
      return operation == .isNull ? nulls > 0 : known.rowCount.map { nulls < $0 } ?? true
    case .isAny:
      guard case .column(let column, _) = arguments[0] else { return true }
      return arguments.dropFirst().contains { item in
        item.constant.map { mayHold(column, .equal, $0, known) } ?? true
      }
    default:
      guard arguments.count == 2 else { return true }
      if case .column(let column, _) = arguments[0], let value = arguments[1].constant {
        return mayHold(column, operation, value, known)
      }
      if case .column(let column, _) = arguments[1], let value = arguments[0].constant, let swapped = operation.swapped
      {
        return mayHold(column, swapped, value, known)
      }
      return true
    }
  }

  private func fileColumn(_ column: Int) -> String? {
    let own = table.columns[columns[column]]
    return own.kind == .file ? own.name : nil
  }

  private func mayHold(_ column: Int, _ operation: Operation, _ value: Value, _ known: FileBounds) -> Bool {
    guard let name = fileColumn(column) else { return true }
    let type = table.columns[columns[column]].type
    let low = known.low(of: name, type.dataType)
    let high = known.high(of: name, type.dataType)
    // A NaN is greater than every number, and bounds do not count it.
    let isFloating = type.isFloating
    switch operation {
    case .equal: return !Self.isLess(value, low) && !Self.isGreater(value, high)
    case .less: return !Self.isLess(value, low) && !Self.isEqual(value, low)
    case .lessOrEqual: return !Self.isLess(value, low)
    case .greater: return isFloating || (!Self.isGreater(value, high) && !Self.isEqual(value, high))
    case .greaterOrEqual: return isFloating || !Self.isGreater(value, high)
    default: return true
    }
  }

  /// Whether a value is known to be below a bound.
  private static func isLess(_ value: Value, _ bound: Scalar?) -> Bool {
    switch (value, bound) {
    case (.int(let a), .int(let b)?): a < b
    case (.double(let a), .double(let b)?): a < b
    case (.bytes(let a), .bytes(let b)?): a.lexicographicallyPrecedes(b)
    default: false
    }
  }

  private static func isGreater(_ value: Value, _ bound: Scalar?) -> Bool {
    switch (value, bound) {
    case (.int(let a), .int(let b)?): a > b
    case (.double(let a), .double(let b)?): a > b
    case (.bytes(let a), .bytes(let b)?): b.lexicographicallyPrecedes(a)
    default: false
    }
  }

  private static func isEqual(_ value: Value, _ bound: Scalar?) -> Bool {
    switch (value, bound) {
    case (.int(let a), .int(let b)?): a == b
    case (.double(let a), .double(let b)?): a == b
    case (.bytes(let a), .bytes(let b)?): a == b
    default: false
    }
  }
}

extension BoundTable {
  /// How many rows the table has by its log; `nil` where the log does not say it of every file.
  var declaredRowCount: Int64? {
    var count: Int64 = 0
    for file in files.files {
      guard let rows = file.kept.bounds(file.statistics)?.rowCount else { return nil }
      let (sum, overflow) = count.addingReportingOverflow(rows)
      if overflow { return nil }
      count = sum
    }
    return files.files.isEmpty ? nil : count
  }
}

extension BoundTable.TableColumn {
  /// A column of which nothing is known.
  fileprivate static func unknown(_ type: SQLType) -> Self { Self(name: "", type: type, kind: .file) }
}
