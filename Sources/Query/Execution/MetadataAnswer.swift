internal import Columnar
internal import Parquet

/// Answers from the footers alone: `count(*)`, and `min` and `max` of whole numbers and times, without filters.
enum MetadataAnswer {
  /// The results of those calls, by their places, of which the footers say enough.
  static func values(_ input: Plan, _ calls: [AggregateCall]) async throws -> [Int: Value] {
    guard let (scan, columns) = plainScan(input), scan.filters.isEmpty, scan.bound == nil, scan.table.csv == nil else {
      return [:]
    }
    let names = calls.map { name($0, scan, columns) }
    guard names.contains(where: { $0 != nil }) else { return [:] }
    let isCount = zip(calls, names).allSatisfy { $0.function == .countAll && $1 != nil }
    if isCount, let count = scan.table.declaredRowCount {
      return Dictionary(uniqueKeysWithValues: calls.indices.map { ($0, .int(count)) })
    }
    var files: [ParquetMetadata] = []
    for index in scan.table.files.files.indices { files.append(try await scan.table.files.open(index).metadata) }
    var results: [Int: Value] = [:]
    for (index, name) in names.enumerated() {
      if let name { results[index] = value(calls[index], name, files) }
    }
    return results
  }

  /// The column that a call is about, `""` for `count(*)`; `nil` where footers cannot say what it asks.
  private static func name(_ call: AggregateCall, _ scan: Scan, _ columns: [Int?]) -> String? {
    guard call.filter == nil, !call.isDistinct else { return nil }
    switch call.function {
    case .countAll: return ""
    case .min, .max, .count:
      guard case .column(let index, let type) = call.arguments[0], let column = columns[index],
        scan.table.columns[scan.columns[column]].kind == .file, call.function == .count || type.layout == .int
      else { return nil }
      return scan.table.columns[scan.columns[column]].name
    default: return nil
    }
  }

  /// The scan below projections that only pass columns on, and where each output column comes from.
  private static func plainScan(_ plan: Plan) -> (Scan, [Int?])? {
    switch plan {
    case .scan(let scan): return (scan, scan.columns.indices.map { $0 })
    case .project(let input, let expressions):
      guard let (scan, inner) = plainScan(input) else { return nil }
      return (
        scan,
        expressions.map { expression in
          if case .column(let index, _) = expression { return inner[index] }
          return nil
        }
      )
    default: return nil
    }
  }

  private static func value(_ call: AggregateCall, _ name: String, _ files: [ParquetMetadata]) -> Value? {
    if call.function == .countAll { return .int(files.reduce(0) { $0 &+ $1.rowCount }) }
    var count: Int64 = 0
    var best: Int64?
    for file in files {
      guard let leaf = file.columns.firstIndex(where: { $0.path == [name] }),
        file.columns[leaf].maxRepetitionLevel == 0,
        let field = file.schema.fields.first(where: { $0.name == name }),
        call.function == .count || SQLType(field.type) == call.type
      else { return nil }
      for group in file.rowGroups {
        let chunk = group.columns[leaf]
        guard let nulls = chunk.statistics.nullCount, nulls >= 0, nulls <= group.rowCount else { return nil }
        count &+= group.rowCount &- nulls
        if call.function == .count || nulls == group.rowCount { continue }
        let edge = call.function == .min ? chunk.statistics.min : chunk.statistics.max
        let isExact = call.function == .min ? chunk.statistics.isMinExact : chunk.statistics.isMaxExact
        guard case .int(let stored)? = edge, isExact != false, let scaled = inMicros(stored, field.type) else {
          return nil
        }
        best = best.map { call.function == .min ? min($0, scaled) : max($0, scaled) } ?? scaled
      }
    }
    if call.function == .count { return .int(count) }
    return best.map { .int($0) } ?? .null
  }

  /// A number of the file in the unit of the query.
  private static func inMicros(_ stored: Int64, _ type: DataType) -> Int64? {
    switch type {
    case .timestamp(.milliseconds, _):
      let (value, overflow) = stored.multipliedReportingOverflow(by: 1_000)
      return overflow ? nil : value
    case .timestamp(.nanoseconds, true), .time: return nil
    default: return stored
    }
  }
}
