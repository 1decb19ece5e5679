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
  /// The rows of each group.
  private var rowCounts: [Int64] = [0]
  private let memory: MemoryBudget
  /// The column with the place of each row in the order of all; `nil` where the order of the batches tells it.
  private let places: Int?
  private var charged = 0

  init(keys: [Expression], calls: [AggregateCall], _ memory: MemoryBudget, places: Int?) {
    self.places = places
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
    count(groups)
    for state in states {
      state.grow(to: table?.count ?? 1)
      try update(state, batch, groups, order)
    }
    try charge()
  }

  /// Counts the rows of groups, once for all calls.
  private func count(_ groups: [UInt32]) {
    if keys.isEmpty {
      rowCounts[0] += Int64(groups.count)
    } else {
      appendZeros(max(0, (table?.count ?? 1) - rowCounts.count), to: &rowCounts)
      countGroups(groups.span, into: &rowCounts)
    }
  }

  /// Passes on those rows that the call's filter lets through and that have a value.
  private func update(_ state: AggregateState, _ whole: Batch, _ all: [UInt32], _ order: UInt64) throws(QueryError) {
    let call = state.call
    var groups = all
    defer { if groups.count < all.count { state.miss(of: all, all: rowCounts.count, passedOn: groups) } }
    var batch = whole
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
    for index in arguments.indices.prefix(call.neededValues) {
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
    var inOrder: [UInt64] = []
    if call.function.dependsOnOrder {
      let known = places.map { whole.columns[$0].ints }
      inOrder = (rows ?? Array(0..<UInt32(groups.count))).map { row in
        known.map { UInt64(bitPattern: $0[Int(row)]) } ?? order << 20 &+ UInt64(row)
      }
    } else if state is CollectingState {
      inOrder = Array(repeating: 0, count: groups.count)
    }
    try state.update(arguments, groups: groups, order: inOrder)
  }

  private func charge() throws(QueryError) {
    let bytes = (table?.byteCount ?? 0) + rowCounts.count * 8 + states.reduce(0) { $0 + $1.byteCount }
    if bytes > charged {
      try memory.take(bytes - charged)
      charged = bytes
    }
  }

  /// Takes in the groups of another sink.
  func merge(_ other: AggregateSink) throws(QueryError) {
    guard let theirs = other.table else {
      rowCounts[0] += other.rowCounts[0]
      for (state, part) in zip(states, other.states) {
        try state.merge(part, groups: [0])
        state.mergeMissed(part, groups: [0], all: 1)
      }
      return
    }
    let present = theirs.groups
    if present.isEmpty { return }
    let numbers = try table?.number(theirs.keys(present), count: present.count) ?? []
    // Groups of the other that have no rows lead nowhere; theirs are zeros, which change nothing in group 0.
    var groups = [UInt32](repeating: 0, count: theirs.count)
    for (index, group) in present.enumerated() { groups[Int(group)] = numbers[index] }
    appendZeros(max(0, (table?.count ?? 1) - rowCounts.count), to: &rowCounts)
    for (group, rows) in zip(groups, other.rowCounts) { rowCounts[Int(group)] += rows }
    for (state, part) in zip(states, other.states) {
      state.grow(to: table?.count ?? 1)
      part.grow(to: theirs.count)
      try state.merge(part, groups: groups)
      state.mergeMissed(part, groups: groups, all: rowCounts.count)
    }
    try charge()
  }

  /// The keys and results of all groups.
  func finish() throws(QueryError) -> Batch {
    let groups = table?.groups ?? [0]
    var columns = try table?.keys(groups) ?? []
    for state in states {
      state.grow(to: table?.count ?? 1)
      columns.append(try state.finish(groups, rows: rowCounts).expanded(to: groups.count))
    }
    return Batch(columns: columns, count: groups.count)
  }
}

extension Batch {
  var byteCount: Int { columns.reduce(64) { $0 + $1.byteCount } }
}
