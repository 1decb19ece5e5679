internal import Columnar
internal import Kernels

/// Keeps rows to sort; with a limit only those that can be among the first. What does not fit in memory is laid aside,
/// sorted.
// Unchecked: a sink is used by the one task it was made for, and by the executor after that task's end.
final class SortSink: Sink, @unchecked Sendable {
  private let keys: [SortKey]
  private let types: [SQLType]
  private let limit: Int?
  private let bound: RunningBound?
  private let executor: Executor
  private var batches: [(batch: Batch, order: UInt64)] = []
  private var count = 0
  /// Bytes that are charged for the rows in memory.
  private var charged = 0
  private var runs: [SpillFile] = []

  init(_ keys: [SortKey], types: [SQLType], limit: Int?, bound: RunningBound?, _ executor: Executor) {
    self.keys = keys
    self.types = types
    self.limit = limit
    self.bound = bound
    self.executor = executor
  }

  func consume(_ batch: Batch, order: UInt64) throws(QueryError) {
    var batch = batch
    if let bound, let value = bound.value {
      // Rows that cannot be among the first are dropped before anything is done with them.
      let key = try keys[0].expression.evaluate(batch)
      let limit = Vector(constant: value, keys[0].expression.type)
      let reaching = Comparison.apply(
        bound.isDescending ? .greaterOrEqual : .lessOrEqual, key, limit, count: batch.count)
      let rows = reaching.truePositions(count: batch.count)
      if rows.isEmpty { return }
      if rows.count < batch.count { batch = batch.taking(rows) }
    }
    if limit == nil { try charge(batch) }
    batches.append((batch, order))
    count += batch.count
    guard let limit, count >= limit else { return }
    let room = bound == nil ? max(4_096, limit) : max(64, min(limit, 1 << 16))
    if count - limit > room || (bound != nil && bound?.value == nil) {
      try cut(limit)
    }
  }

  /// Charges the memory for rows, twice: they are copied when they are sorted.
  private func charge(_ batch: Batch) throws(QueryError) {
    let bytes = 2 * batch.byteCount
    if !executor.memory.tryTake(bytes) {
      try layAside()
      try executor.memory.take(bytes)
    }
    charged += bytes
  }

  /// Sorts the rows at hand and lays them aside.
  private func layAside() throws(QueryError) {
    if batches.isEmpty { return }
    let sorted = try sortedBatch(nil)
    batches = []
    count = 0
    do {
      let run = try SpillFile(types, in: executor.options.temporaryDirectory)
      var start = 0
      while start < sorted.count {
        let end = min(sorted.count, start + 1 << 16)
        try run.append(sorted.sliced(start..<end))
        start = end
      }
      runs.append(run)
    } catch {
      throw error as? QueryError ?? QueryError(.limit, "rows that must be laid aside on disk cannot be: \(error)")
    }
    executor.memory.give(charged)
    charged = 0
  }

  /// Keeps the first rows of those at hand.
  private func cut(_ limit: Int) throws(QueryError) {
    let sorted = try sortedBatch(limit)
    batches = [(sorted, 0)]
    count = sorted.count
    guard let bound, count >= limit, limit > 0 else { return }
    bound.tighten(try keys[0].expression.evaluate(sorted).value(at: limit - 1))
  }

  private func sortedBatch(_ limit: Int?) throws(QueryError) -> Batch {
    let ordered = batches.sorted { $0.order < $1.order }.map(\.batch)
    let all = try Batch.joined(ordered, types: types)
    guard all.count > 0 else { return all }
    var vectors: [(Vector, isDescending: Bool, nullsFirst: Bool)] = []
    for key in keys { vectors.append((try key.expression.evaluate(all), key.isDescending, key.nullsFirst)) }
    let order = RowOrder(vectors, count: all.count)
    if let limit { return all.taking(try order.first(limit, of: all.count, executor.checkNow)) }
    return all.taking(try order.sorted(count: all.count, executor.checkNow))
  }

  /// The sorted rows of several sinks.
  static func joined(_ sinks: [SortSink]) throws(QueryError) -> Pipeline.Source {
    let first = sinks[0]
    if sinks.contains(where: { !$0.runs.isEmpty }) {
      for sink in sinks { try sink.layAside() }
      return .sequence(SortedRuns(keys: first.keys, types: first.types, runs: sinks.flatMap(\.runs)))
    }
    for other in sinks.dropFirst() { first.batches += other.batches }
    if first.batches.isEmpty { return .batches([]) }
    return .batches([try first.sortedBatch(first.limit)])
  }
}
