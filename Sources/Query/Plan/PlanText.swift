internal import Columnar

/// A plan as lines of text, the outermost node first and what it reads below it, further in.
enum PlanText {
  static func lines(_ plan: Plan) -> [String] {
    switch plan {
    case .scan(let scan):
      let columns = scan.columns.map { scan.table.columns[$0].name }.joined(separator: ", ")
      var lines = ["scan \(scan.table.name): \(columns)"]
      lines += scan.filters.map { "  where \(text($0))" }
      if scan.bound != nil { lines.append("  only what can be among the first") }
      return lines
    case .values(let rows, _): return ["values: \(rows.count) rows"]
    case .range(let first, let step, let count): return ["range: \(count) rows from \(first) by \(step)"]
    case .filter(let input, let condition): return node("filter \(text(condition))", [input])
    case .project(let input, let list): return node("project \(list.map(text).joined(separator: ", "))", [input])
    case .aggregate(let input, let keys, let calls):
      let names = calls.map { "\($0.function.rawValue)(\($0.arguments.map(text).joined(separator: ", ")))" }
      let by = keys.isEmpty ? "" : " by \(keys.map(text).joined(separator: ", "))"
      return node("aggregate \(names.joined(separator: ", "))\(by)", [input])
    case .sort(let input, let keys, let limit):
      let list = keys.map { text($0.expression) + ($0.isDescending ? " desc" : "") }.joined(separator: ", ")
      return node("sort \(list)" + (limit.map { ", the first \($0)" } ?? ""), [input])
    case .limit(let input, let count, let offset):
      return node("limit \(count.map { "\($0)" } ?? "none") offset \(offset)", [input])
    case .union(let a, let b): return node("union all", [a, b])
    case .join(let a, let b, let join):
      let keys = join.keys.map { "\(text($0.left)) = \(text($0.right))" }.joined(separator: ", ")
      return node("\(join.kind) join \(keys)", [a, b])
    case .window(let input, let calls): return node("window of \(calls.count) functions", [input])
    case .unnest(let input, let list, _): return node("unnest \(text(list))", [input])
    }
  }

  private static func node(_ line: String, _ inputs: [Plan]) -> [String] {
    [line] + inputs.flatMap { lines($0) }.map { "  " + $0 }
  }

  static func text(_ expression: Expression) -> String {
    switch expression {
    case .column(let index, _): "#\(index)"
    case .constant(let value, let type): value == .null ? "NULL" : Casting.text(of: value, type)
    case .call(let operation, let arguments, _, _): "\(operation)(\(arguments.map(text).joined(separator: ", ")))"
    case .scalarQuery(let index, _): "query \(index)"
    case .inQuery(let value, let index, let negated): "\(text(value))\(negated ? " not" : "") in query \(index)"
    case .exists(let index): "exists query \(index)"
    }
  }
}

/// Results that are not rows of tables.
enum Describing {
  /// One text column.
  static func batch(of lines: [String], named name: String) -> RecordBatch {
    RecordBatch(schema: Schema([Field(name, .string)]), columns: [column(lines)])
  }

  /// The columns of a query, one a row.
  static func batch(_ query: BoundQuery) -> RecordBatch {
    RecordBatch(
      schema: Schema([Field("column_name", .string), Field("column_type", .string)]),
      columns: [column(query.names), column(query.plan.types.map(\.name))])
  }

  private static func column(_ texts: [String]) -> Column {
    var strings = ByteStrings()
    for text in texts { strings.append(text.utf8) }
    return Column(type: .string, values: .bytes(strings))
  }
}
