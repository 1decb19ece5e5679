/// Joins a right side that does not fit in memory: both sides are laid aside by the hashes of their keys, and each part
/// is joined for itself.
struct SpilledJoin: BatchSequence {
  let executor: Executor
  let join: JoinPlan
  let leftTypes: [SQLType]
  let rightTypes: [SQLType]
  let level: Int
  let left: [SpillFile]
  let right: [SpillFile]

  /// Lays both sides aside.
  static func divided(
    _ executor: Executor, _ join: JoinPlan, left: Pipeline, _ leftTypes: [SQLType], right: Pipeline,
    _ rightTypes: [SQLType], level: Int = 0
  ) async throws -> SpilledJoin {
    let files = (
      left: try PartitioningSink.files(leftTypes, executor.options),
      right: try PartitioningSink.files(rightTypes, executor.options)
    )
    let hasPlaces = level > 0
    _ = try await executor.drive(right) {
      PartitioningSink(join.keys.map(\.right), level: level, files.right, hasPlaces: hasPlaces)
    }
    _ = try await executor.drive(left) {
      PartitioningSink(join.keys.map(\.left), level: level, files.left, hasPlaces: hasPlaces)
    }
    return SpilledJoin(
      executor: executor, join: join, leftTypes: leftTypes, rightTypes: rightTypes, level: level, left: files.left,
      right: files.right)
  }

  func makeReader() -> any BatchReader { Reader(self) }

  private struct Reader: BatchReader {
    private let join: SpilledJoin
    private var nextPart = 0
    private var table: JoinTable?
    private var probe: JoinProbe?
    private var rows: (any BatchReader)?
    /// Rows of the left side that have been read and not joined.
    private var waiting = Batch(columns: [], count: 0)
    /// A part that did not fit either.
    private var divided: (any BatchReader)?
    private let mark: Int

    init(_ join: SpilledJoin) {
      self.join = join
      mark = join.executor.memory.mark
    }

    mutating func next() async throws -> Batch? {
      while true {
        if let batch = try await divided?.next() { return batch }
        divided = nil
        if waiting.count > 0, let probe { return try probe.probe(&waiting) }
        if let batch = try await rows?.next() {
          waiting = SpilledJoin.withoutPlaces(batch)
          continue
        }
        rows = nil
        if let table, join.join.kind == .full {
          self.table = nil
          return table.unmatched(leftTypes: join.leftTypes)
        }
        (table, probe) = (nil, nil)
        join.executor.memory.rewind(to: mark)
        guard nextPart < join.left.count else { return nil }
        nextPart += 1
        try await open(nextPart - 1)
      }
    }

    private mutating func open(_ part: Int) async throws {
      let (executor, plan) = (join.executor, join.join)
      let right = Pipeline(source: .sequence(SpilledRows(file: join.right[part])))
      let left = SpilledRows(file: join.left[part])
      do {
        let sinks = try await executor.drive(right, threads: 1) { CollectingSink(executor.memory) }
        let batches = CollectingSink.joined(sinks).map(SpilledJoin.withoutPlaces)
        let made = try JoinTable(try Batch.whole(batches, types: join.rightTypes), types: join.rightTypes, plan)
        try executor.memory.take(made.byteCount)
        table = made
        probe = JoinProbe(made)
        rows = left.makeReader()
      } catch  where executor.memory.isExceeded && join.level + 1 < PartitioningSink.mostLevels {
        executor.memory.rewind(to: mark)
        divided = try await SpilledJoin.divided(
          executor, plan, left: Pipeline(source: .sequence(left)), join.leftTypes, right: right, join.rightTypes,
          level: join.level + 1
        ).makeReader()
      }
    }
  }

  private static func withoutPlaces(_ batch: Batch) -> Batch {
    Batch(columns: Array(batch.columns.dropLast()), count: batch.count)
  }
}
