internal import Columnar
internal import Synchronization

/// Runs plans. Each node that needs all its input first (groups, sorts, joins, windows) ends a pipeline.
struct Executor: Sendable {
  let options: QueryOptions
  let memory: MemoryBudget
  let deadline: ContinuousClock.Instant?

  init(_ options: QueryOptions) {
    self.options = options
    memory = MemoryBudget(limit: options.memoryLimit)
    deadline = options.timeout.map { ContinuousClock.now + $0 }
  }

  /// Tells how far a scan is.
  func tell(_ scan: Scan) {
    options.progress?(scan.table.files.bytesRead)
  }

  /// Ends a query that is cancelled or takes too long.
  func check() throws {
    try Task.checkCancellation()
    try checkNow()
  }

  /// The same from within a step that does nothing else but compute.
  func checkNow() throws(QueryError) {
    if Task.isCancelled { throw QueryError(.limit, "the query was cancelled") }
    if let deadline, ContinuousClock.now > deadline {
      throw QueryError(.limit, "the query takes longer than its time limit")
    }
  }

  /// The pipeline that gives a plan's rows; what it needs whole is computed on the way.
  func pipeline(_ plan: Plan) async throws -> Pipeline {
    switch plan {
    case .scan(let scan): return Pipeline(source: scan.table.csv.map { .csv(scan, $0) } ?? .scan(scan))
    case .range(let first, let step, let count):
      return Pipeline(source: .sequence(RangeRows(first: first, step: step, count: count)))
    case .values(let rows, let types): return Pipeline(source: .batches([try values(rows, types)]))
    case .filter(let input, let condition):
      var result = try await pipeline(input)
      result.steps.append(.filter(condition))
      return result
    case .project(let input, let expressions):
      var result = try await pipeline(input)
      result.steps.append(.project(expressions))
      return result
    case .unnest(let input, let list, let type):
      var result = try await pipeline(input)
      result.steps.append(.unnest(list, type))
      return result
    case .join(let left, let right, let join): return try await joined(left, right, join)
    case .aggregate(let input, let keys, let calls):
      let mark = memory.mark
      do {
        return Pipeline(source: .batches([try await aggregate(input, keys, calls)]))
      } catch  where !keys.isEmpty && memory.isExceeded {
        memory.rewind(to: mark)
        let spilled = SpilledAggregation(executor: self, keys: keys, calls: calls, types: input.types)
        return try await spilled.run(try await pipeline(input))
      }
    case .sort(let input, let keys, let limit):
      let (types, bound) = (input.types, input.bound)
      let source = try await pipeline(input)
      let sinks = try await drive(source) { SortSink(keys, types: types, limit: limit, bound: bound, self) }
      return Pipeline(source: try SortSink.joined(sinks))
    case .limit(let input, let count, let offset):
      return Pipeline(source: .batches(try await limited(input, count, offset)))
    case .union(let a, let b):
      return Pipeline(source: .batches(try await batches(a) + batches(b)))
    case .window(let input, let calls):
      return Pipeline(source: .batches([try WindowRunner.run(try await collected(input), calls, checkNow)]))
    }
  }

  /// All rows of a plan in order.
  func batches(_ plan: Plan) async throws -> [Batch] {
    let source = try await pipeline(plan)
    if case .batches(let list) = source.source, source.steps.isEmpty { return list }
    return CollectingSink.joined(try await drive(source) { CollectingSink(memory) })
  }

  /// All rows of a plan as one batch.
  private func collected(_ plan: Plan) async throws -> Batch {
    try Batch.whole(try await batches(plan), types: plan.types)
  }

  /// The rows of two sides; the right one is kept in memory, or where it does not fit, both are laid aside.
  private func joined(_ left: Plan, _ right: Plan, _ join: JoinPlan) async throws -> Pipeline {
    let mark = memory.mark
    let table: JoinTable
    do {
      table = try JoinTable(try await collected(right), types: right.types, join)
      try memory.take(table.byteCount)
    } catch  where memory.isExceeded && join.canBeDivided {
      memory.rewind(to: mark)
      return Pipeline(
        source: .sequence(
          try await SpilledJoin.divided(
            self, join, left: try await pipeline(left), left.types, right: try await pipeline(right), right.types)))
    }
    var result = try await pipeline(left)
    result.steps.append(.probe(table))
    if join.kind != .full { return result }
    // Which rows of the right side are left over is known when all of the left side have been looked up.
    let joined = CollectingSink.joined(try await drive(result) { CollectingSink(memory) })
    let rest = table.unmatched(leftTypes: left.types)
    try memory.take(rest.byteCount)
    return Pipeline(source: .batches(rest.count > 0 ? joined + [rest] : joined))
  }

  private func values(_ rows: [[Expression]], _ types: [SQLType]) throws -> Batch {
    if types.isEmpty { return Batch(columns: [], count: rows.count) }
    let one = Batch(columns: [], count: 1)
    var columns: [Vector] = []
    for (index, type) in types.enumerated() {
      let constants = rows.compactMap { $0[index].type == type ? $0[index].constant : nil }
      if constants.count == rows.count, type.layout != .other {
        columns.append(Vector(type, constants))
        continue
      }
      var parts: [Vector] = []
      for row in rows { parts.append(try row[index].evaluate(one).withType(type)) }
      columns.append(try Vector.joined(parts, counts: parts.map { _ in 1 }, type: type))
    }
    return Batch(columns: columns, count: rows.count)
  }

  private func aggregate(_ input: Plan, _ keys: [Expression], _ calls: [AggregateCall]) async throws -> Batch {
    let known = keys.isEmpty ? try await MetadataAnswer.values(input, calls) : [:]
    if !known.isEmpty { return try await completed(known, input, calls) }
    let source = try await pipeline(input)
    let sinks = try await drive(source) { AggregateSink(keys: keys, calls: calls, memory, places: nil) }
    for other in sinks.dropFirst() { try sinks[0].merge(other) }
    return try sinks[0].finish()
  }

  /// One row of results of which some are known: the table is read for the others alone.
  private func completed(_ known: [Int: Value], _ input: Plan, _ calls: [AggregateCall]) async throws -> Batch {
    let rest = calls.indices.filter { known[$0] == nil }
    var columns = calls.indices.map { Vector(constant: known[$0] ?? .null, calls[$0].type).expanded(to: 1) }
    if !rest.isEmpty {
      let asked = Plan.aggregate(input, keys: [], calls: rest.map { calls[$0] })
      let found = try await batches(Optimizer.pruned(asked, needed: Set(rest.indices)).plan)
      for (index, place) in rest.enumerated() { columns[place] = found[0].columns[index] }
    }
    return Batch(columns: columns, count: 1)
  }

  private func limited(_ input: Plan, _ count: Int?, _ offset: Int) async throws -> [Batch] {
    var result: [Batch] = []
    var toSkip = offset
    var left = count ?? .max
    if left == 0 { return [] }
    try await stream(try await pipeline(input)) { batch in
      var batch = batch
      if toSkip > 0 {
        let skipped = min(toSkip, batch.count)
        toSkip -= skipped
        if skipped == batch.count { return true }
        batch = batch.sliced(skipped..<batch.count)
      }
      if batch.count > left { batch = batch.sliced(0..<left) }
      left -= batch.count
      try memory.take(batch.byteCount)
      result.append(batch)
      return left > 0
    }
    return result
  }
}
