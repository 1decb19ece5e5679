internal import Columnar
internal import Parquet

/// Answers from the footers alone: `count(*)`, and `min` and `max` of whole numbers and times, without filters.
enum MetadataAnswer {
  /// The one row of results; `nil` where the footers do not say enough.
  static func batch(_ input: Plan, _ calls: [AggregateCall]) async throws -> Batch? {
    guard let (scan, columns) = plainScan(input), scan.filters.isEmpty, scan.table.csv == nil, !calls.isEmpty else {
      return nil
    }
    for call in calls {
      guard call.filter == nil, !call.isDistinct else { return nil }
      switch call.function {
      case .countAll: break
      case .min, .max, .count:
        guard case .column(let index, let type) = call.arguments[0], let column = columns[index],
          scan.table.columns[scan.columns[column]].kind == .file, call.function == .count || type.layout == .int
        else { return nil }
      default: return nil
      }
    }
    var files: [ParquetMetadata] = []
    for index in scan.table.files.files.indices { files.append(try await scan.table.files.open(index).metadata) }
    var results: [Vector] = []
    for call in calls {
      var name = ""
      if case .column(let index, _)? = call.arguments.first, let column = columns[index] {
        name = scan.table.columns[scan.columns[column]].name
      }
      guard let value = value(call, name, files) else { return nil }
      results.append(Vector(constant: value, call.type).expanded(to: 1))
    }
    return Batch(columns: results, count: 1)
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
