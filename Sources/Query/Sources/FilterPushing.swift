internal import Columnar
internal import Parquet

/// Says in the words of the Parquet reader what a filter asks of a column, as far as they reach: a reader leaves out
/// row groups and pages by it, and the rows that remain are looked at one by one.
struct FilterPushing {
  let table: BoundTable
  /// The scan's columns, as positions in the table's.
  let columns: [Int]
  /// The schema of the file.
  let schema: Schema

  func filter(_ expression: Expression) -> RowFilter? {
    guard case .call(let operation, let arguments, _, _) = expression else { return nil }
    switch operation {
    case .and:
      let parts = arguments.compactMap { filter($0) }
      return parts.isEmpty ? nil : .and(parts)
    case .or:
      let parts = arguments.map { filter($0) }
      return parts.contains { $0 == nil } ? nil : .or(parts.compactMap(\.self))
    case .isNull: return field(arguments[0]).map { .isNull($0.name) }
    case .isNotNull: return field(arguments[0]).map { .isNotNull($0.name) }
    case .isAny:
      guard let field = field(arguments[0]) else { return nil }
      var values: [Scalar] = []
      for item in arguments.dropFirst() {
        guard let value = item.constant else { return nil }
        if value == .null { continue }
        guard let (scalar, isExact) = Self.scalar(value, field.type, .equal), isExact else { return nil }
        values.append(scalar)
      }
      return .isAny(field.name, of: values)
    default:
      guard arguments.count == 2 else { return nil }
      if let field = field(arguments[0]), let value = arguments[1].constant {
        return compare(field, operation, value)
      }
      if let field = field(arguments[1]), let value = arguments[0].constant, let swapped = operation.swapped {
        return compare(field, swapped, value)
      }
      return nil
    }
  }

  /// The file's field behind a column, where its statistics can be trusted by its name and type.
  private func field(_ expression: Expression) -> Field? {
    guard case .column(let index, let type) = expression, table.columns[columns[index]].kind == .file else {
      return nil
    }
    let name = table.columns[columns[index]].name
    let found = schema.fields.filter { $0.name == name }
    guard let field = found.only, SQLType(field.type) == type, !name.contains(".") else { return nil }
    return field
  }

  func compare(_ field: Field, _ operation: Operation, _ value: Value) -> RowFilter? {
    // A NaN is greater than every number, and statistics do not count it.
    if SQLType(field.type).isFloating, operation == .greater || operation == .greaterOrEqual || operation == .notEqual {
      return nil
    }
    let comparisons: [Operation: RowFilter.Comparison] = [
      .equal: .equal, .notEqual: .notEqual, .less: .less, .lessOrEqual: .lessOrEqual, .greater: .greater,
      .greaterOrEqual: .greaterOrEqual,
    ]
    guard let comparison = comparisons[operation], let (scalar, isExact) = Self.scalar(value, field.type, operation),
      isExact || (operation != .equal && operation != .notEqual)
    else { return nil }
    return .compare(field.name, comparison, scalar)
  }

  /// A value in the unit of the file; where it lies between two of them, the one that keeps the comparison true.
  private static func scalar(_ value: Value, _ type: DataType, _ operation: Operation) -> (Scalar, isExact: Bool)? {
    switch (value, type) {
    case (.int(let number), .int), (.int(let number), .date), (.int(let number), .timestamp(.microseconds, _)),
      (.int(let number), .timestamp(.nanoseconds, false)):
      return (.int(number), true)
    case (.int(let number), .timestamp(.milliseconds, _)):
      let floor = number.floorDivided(by: 1_000)
      let isExact = floor * 1_000 == number
      let roundsUp = !isExact && (operation == .less || operation == .greaterOrEqual)
      return (.int(roundsUp ? floor + 1 : floor), isExact)
    case (.double(let number), .double): return number.isNaN ? nil : (.double(number), true)
    case (.bytes(let bytes), .string): return (.bytes(bytes), true)
    case (.flag(let flag), .boolean): return (.boolean(flag), true)
    default: return nil
    }
  }
}
