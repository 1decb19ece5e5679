internal import Columnar

/// `SUMMARIZE`: for each column of a query its extremes, about how many distinct values there are, average, spread and
/// quartiles of a sample, how many rows, and how many of them have no value.
enum Summarizing {
  /// The columns of the result.
  static let schema = Schema([
    Field("column_name", .string), Field("column_type", .string), Field("min", .string), Field("max", .string),
    Field("approx_unique", .int(bits: 64)), Field("avg", .string), Field("std", .string), Field("q25", .string),
    Field("q50", .string), Field("q75", .string), Field("count", .int(bits: 64)), Field("null_percentage", .double),
  ])

  private static let quartiles = [0.25, 0.5, 0.75]

  /// The plan with one row: how many rows there are, then what is told of each column.
  static func plan(_ input: Plan) throws(QueryError) -> Plan {
    var calls = [AggregateCall(function: .countAll, arguments: [], type: .int64)]
    for (index, type) in input.types.enumerated() { calls += try Self.calls(.column(index, type)) }
    return .aggregate(input, keys: [], calls: calls)
  }

  /// Nulls where nothing can be told of a type.
  private static func calls(_ column: Expression) throws(QueryError) -> [AggregateCall] {
    func call(_ function: AggregateCall.Function, _ argument: Expression, _ type: SQLType, _ parameter: Value = .null)
      -> AggregateCall
    { AggregateCall(function: function, arguments: [argument], type: type, parameter: parameter) }
    let type = column.type
    let none = call(.count, .constant(.null, .boolean), .int64)
    var result = [call(.count, column, .int64)]
    if case .other = type { return result + Array(repeating: none, count: 8) }
    if type == .null { return result + Array(repeating: none, count: 8) }
    result += [call(.min, column, type), call(.max, column, type), call(.approxCountDistinct, column, .int64)]
    guard type.isNumeric || type.isTemporal else { return result + Array(repeating: none, count: 5) }
    var number = column
    let place = Place(range: 0..<0)
    if type.isNumeric {
      number = try Coercion.cast(column, to: .double, at: 0..<0)
      var spread = call(.stddevSamp, number, .double)
      // What is infinite has no spread.
      spread.filter = .call(.function(.isfinite), [number], .boolean, at: place)
      result += [call(.avg, number, .double), spread]
    } else {
      result += [none, none]
      let whole = type == .date ? try Coercion.cast(column, to: .timestamp, at: 0..<0) : column
      let micros = Expression.call(.function(.epoch_us), [whole], .int64, at: place)
      number = .call(.cast(isTry: false), [micros], .double, at: place)
    }
    return result + quartiles.map { call(.approxQuantile, number, .double, .double($0)) }
  }

  /// The result, of the plan's one row.
  static func batch(_ names: [String], _ types: [SQLType], _ row: [Value]) -> RecordBatch {
    guard case .int(let count)? = row.first else { return RecordBatch(schema: schema, columns: [], rowCount: 0) }
    var lines: [[String?]] = []
    var distinct: [Int64?] = []
    var missing: [Double] = []
    for (index, type) in types.enumerated() {
      let told = row[(1 + 9 * index)..<(10 + 9 * index)].map(\.self)
      var isKnown = true
      if case .other = type { isKnown = false }
      if type == .null { isKnown = false }
      func text(_ place: Int, _ type: SQLType) -> String? {
        told[place] == .null ? nil : Casting.text(of: told[place], type)
      }
      func quartile(_ place: Int) -> String? {
        guard case .double(let number) = told[place] else { return nil }
        if type.isNumeric { return NumberText.text(number, isSingle: false) }
        return Casting.text(of: .int(Int64(number)), type == .timestampUTC ? type : .timestamp)
      }
      let isNumber = isKnown && type.isNumeric
      let isOrdered = isNumber || type.isTemporal
      lines.append([
        names[index], type.name, isKnown ? text(1, type) : nil, isKnown ? text(2, type) : nil,
        isNumber ? text(4, .double) : nil, isNumber ? text(5, .double) : nil, isOrdered ? quartile(6) : nil,
        isOrdered ? quartile(7) : nil, isOrdered ? quartile(8) : nil,
      ])
      if isKnown, case .int(let number) = told[3] { distinct.append(number) } else { distinct.append(nil) }
      var valid = Int64(0)
      if case .int(let number) = told[0] { valid = number }
      missing.append(count == 0 ? 0 : (Double(count - valid) / Double(count) * 10_000).rounded() / 100)
    }
    func texts(_ place: Int) -> Column {
      var strings = ByteStrings()
      for line in lines { strings.append((line[place] ?? "").utf8) }
      return Column(type: .string, values: .bytes(strings), validity: Bitmap(lines.lazy.map { $0[place] != nil }))
    }
    let unique = Column(
      type: .int(bits: 64), values: .int64(distinct.map { $0 ?? 0 }), validity: Bitmap(distinct.lazy.map { $0 != nil }))
    let counts = Column(type: .int(bits: 64), values: .int64(types.map { _ in count }))
    return RecordBatch(
      schema: schema,
      columns: [0, 1, 2, 3].map(texts) + [unique] + [4, 5, 6, 7, 8].map(texts) + [
        counts, Column(type: .double, values: .double(missing)),
      ])
  }
}
