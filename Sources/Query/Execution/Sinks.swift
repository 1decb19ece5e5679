internal import Columnar
internal import Kernels

/// Keeps all batches.
// Unchecked: a sink is used by the one task it was made for, and by the executor after that task's end.
final class CollectingSink: Sink, @unchecked Sendable {
  private(set) var batches: [(batch: Batch, order: UInt64)] = []
  private let memory: MemoryBudget

  init(_ memory: MemoryBudget) { self.memory = memory }

  func consume(_ batch: Batch, order: UInt64) throws(QueryError) {
    try memory.take(batch.byteCount)
    batches.append((batch, order))
  }

  /// The batches of several sinks in the order of the input.
  static func joined(_ sinks: [CollectingSink]) -> [Batch] {
    sinks.flatMap(\.batches).sorted { $0.order < $1.order }.map(\.batch)
  }
}

/// Groups rows and keeps partial aggregates.
// Unchecked: a sink is used by the one task it was made for, and by the executor after that task's end.
final class AggregateSink: Sink, @unchecked Sendable {
  private let keys: [Expression]
  private let calls: [AggregateCall]
  private var table: GroupTable?
  private let states: [AggregateState]
  private let memory: MemoryBudget
  private var charged = 0

  init(keys: [Expression], calls: [AggregateCall], _ memory: MemoryBudget) {
    self.keys = keys
    self.calls = calls
    self.memory = memory
    table = keys.isEmpty ? nil : GroupTable(types: keys.map(\.type))
    states = calls.map { AggregateState.make($0) }
    for state in states { state.grow(to: 1) }
  }

  func consume(_ batch: Batch, order: UInt64) throws(QueryError) {
    let groups: [UInt32]
    if keys.isEmpty {
      groups = [UInt32](repeating: 0, count: batch.count)
    } else {
      var vectors: [Vector] = []
      for key in keys { vectors.append(try key.evaluate(batch)) }
      groups = try table?.number(vectors, count: batch.count) ?? []
    }
    for state in states {
      state.grow(to: table?.count ?? 1)
      try update(state, batch, groups, order)
    }
    try charge()
  }

  /// Passes on those rows that the call's filter lets through and that have a value.
  private func update(_ state: AggregateState, _ batch: Batch, _ groups: [UInt32], _ order: UInt64) throws(QueryError) {
    let call = state.call
    var batch = batch
    var groups = groups
    var rows: [UInt32]?
    if let filter = call.filter {
      let chosen = try filter.evaluate(batch).truePositions(count: batch.count)
      if chosen.count < batch.count {
        batch = batch.taking(chosen)
        groups = chosen.map { groups[Int($0)] }
        rows = chosen
      }
    }
    if groups.isEmpty { return }
    var arguments: [Vector] = []
    for argument in call.arguments { arguments.append(try argument.evaluate(batch)) }
    for key in call.order { arguments.append(try key.expression.evaluate(batch)) }
    // first and last take nulls as they come.
    let keepsNulls = call.function == .first || call.function == .last
    let isByOther =
      call.function == .argMin || call.function == .argMax || call.function == .corr
      || call.function == .covarPop || call.function == .covarSamp
    for index in arguments.indices.prefix(keepsNulls ? 0 : isByOther ? 2 : 1) {
      guard let validity = arguments[index].validity else { continue }
      var valid: [UInt32] = []
      if !arguments[index].isConstant {
        appendSetPositions(validity.words.span, in: 0..<validity.count, to: &valid)
        if valid.count == groups.count { continue }
      }
      arguments = arguments.map { $0.isConstant ? $0 : $0.taking(valid) }
      groups = valid.map { groups[Int($0)] }
      rows = valid.map { rows?[Int($0)] ?? $0 }
    }
    if groups.isEmpty { return }
    for index in arguments.indices where arguments[index].isConstant {
      arguments[index] = arguments[index].expanded(to: groups.count)
    }
    let places =
      call.function.dependsOnOrder
      ? (rows ?? Array(0..<UInt32(groups.count))).map { order << 20 &+ UInt64($0) } : []
    let places64 = places.isEmpty ? [UInt64](repeating: 0, count: state is CollectingState ? groups.count : 0) : places
    try state.update(arguments, groups: groups, order: places64)
  }

  private func charge() throws(QueryError) {
    let bytes = (table?.byteCount ?? 0) + states.reduce(0) { $0 + $1.byteCount }
    if bytes > charged {
      try memory.take(bytes - charged)
      charged = bytes
    }
  }

  /// Takes in the groups of another sink.
  func merge(_ other: AggregateSink) throws(QueryError) {
    guard let theirs = other.table else {
      for (state, part) in zip(states, other.states) { try state.merge(part, groups: [0]) }
      return
    }
    let present = theirs.groups
    if present.isEmpty { return }
    let numbers = try table?.number(theirs.keys(present), count: present.count) ?? []
    // Groups of the other that have no rows lead nowhere; theirs are zeros, which change nothing in group 0.
    var groups = [UInt32](repeating: 0, count: theirs.count)
    for (index, group) in present.enumerated() { groups[Int(group)] = numbers[index] }
    for (state, part) in zip(states, other.states) {
      state.grow(to: table?.count ?? 1)
      part.grow(to: theirs.count)
      try state.merge(part, groups: groups)
    }
    try charge()
  }

  /// The keys and results of all groups.
  func finish() throws(QueryError) -> Batch {
    let groups = table?.groups ?? [0]
    var columns = try table?.keys(groups) ?? []
    for state in states {
      state.grow(to: table?.count ?? 1)
      columns.append(try state.finish(groups).expanded(to: groups.count))
    }
    return Batch(columns: columns, count: groups.count)
  }
}

/// Keeps rows to sort; with a limit only those that can be among the first.
// Unchecked: a sink is used by the one task it was made for, and by the executor after that task's end.
final class SortSink: Sink, @unchecked Sendable {
  private let keys: [SortKey]
  private let types: [SQLType]
  private let limit: Int?
  private let bound: RunningBound?
  private let memory: MemoryBudget
  private var batches: [(batch: Batch, order: UInt64)] = []
  private var count = 0

  init(_ keys: [SortKey], types: [SQLType], limit: Int?, bound: RunningBound?, _ memory: MemoryBudget) {
    self.keys = keys
    self.types = types
    self.limit = limit
    self.bound = bound
    self.memory = memory
  }

  func consume(_ batch: Batch, order: UInt64) throws(QueryError) {
    var batch = batch
    if let bound, let value = bound.value {
      // Rows that cannot be among the first are dropped before anything is done with them.
      let key = try keys[0].expression.evaluate(batch)
      let limit = Vector(constant: .int(value), keys[0].expression.type)
      let reaching = Comparison.apply(
        bound.isDescending ? .greaterOrEqual : .lessOrEqual, key, limit, count: batch.count)
      let rows = reaching.truePositions(count: batch.count)
      if rows.isEmpty { return }
      if rows.count < batch.count { batch = batch.taking(rows) }
    }
    if limit == nil { try memory.take(batch.byteCount) }
    batches.append((batch, order))
    count += batch.count
    guard let limit, count >= limit else { return }
    let room = bound == nil ? max(4_096, limit) : max(64, min(limit, 1 << 16))
    if count - limit > room || (bound != nil && bound?.value == nil) {
      try cut(limit)
    }
  }

  /// Keeps the first rows of those at hand.
  private func cut(_ limit: Int) throws(QueryError) {
    let sorted = try sortedBatch(limit)
    batches = [(sorted, 0)]
    count = sorted.count
    guard let bound, count >= limit, limit > 0 else { return }
    let key = try keys[0].expression.evaluate(sorted)
    if case .int(let value) = key.value(at: limit - 1) { bound.tighten(value) }
  }

  private func sortedBatch(_ limit: Int?) throws(QueryError) -> Batch {
    let ordered = batches.sorted { $0.order < $1.order }.map(\.batch)
    let all = try Batch.joined(ordered, types: types)
    guard all.count > 0 else { return all }
    var vectors: [(Vector, isDescending: Bool, nullsFirst: Bool)] = []
    for key in keys { vectors.append((try key.expression.evaluate(all), key.isDescending, key.nullsFirst)) }
    let rows = RowOrder(vectors, count: all.count).sorted(count: all.count)
    return all.taking(limit.map { Array(rows.prefix($0)) } ?? rows)
  }

  /// The sorted rows of several sinks.
  static func joined(_ sinks: [SortSink]) throws(QueryError) -> Batch {
    let first = sinks[0]
    for other in sinks.dropFirst() { first.batches += other.batches }
    if first.batches.isEmpty { return Batch(columns: first.types.map { Vector.null($0).expanded(to: 0) }, count: 0) }
    return try first.sortedBatch(first.limit)
  }
}

extension Batch {
  var byteCount: Int { columns.reduce(64) { $0 + $1.byteCount } }
}
