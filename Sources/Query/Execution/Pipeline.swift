internal import Synchronization

/// What a batch passes between a source and a sink.
enum Step: Sendable {
  case filter(Expression)
  case project([Expression])
  case probe(JoinTable)
  case unnest(Expression, SQLType)
}

/// Batches from a source, through steps.
struct Pipeline: Sendable {
  enum Source: Sendable {
    case scan(Scan)
    /// CSV files, which one thread reads.
    case csv(Scan, CSVFormat)
    case batches([Batch])
    /// Rows in an order that must be kept, or that are too many for memory.
    case sequence(any BatchSequence)
  }

  var source: Source
  var steps: [Step] = []
}

extension Pipeline.Source {
  /// What reads the rows where one thread must; `nil` where many may.
  var onlyReader: (any BatchReader)? {
    switch self {
    case .csv(let scan, let format): CSVReader(scan, format)
    case .sequence(let rows): rows.makeReader()
    case .scan, .batches: nil
    }
  }
}

/// The steps of one thread, with what they keep between batches.
struct StepRunner {
  private let steps: [Step]
  private var probes: [Int: JoinProbe] = [:]
  /// Rows that have come as far as to a step, those to go on with last.
  private var waiting: [(rows: Batch, step: Int)] = []

  init(_ steps: [Step]) {
    self.steps = steps
    for (index, step) in steps.enumerated() {
      if case .probe(let table) = step { probes[index] = JoinProbe(table) }
    }
  }

  /// Takes a batch, whose results ``next()`` gives.
  mutating func begin(_ batch: Batch) { waiting = [(batch, 0)] }

  /// The next rows that come out of the last step; `nil` where the batch gives no more.
  mutating func next() throws(QueryError) -> Batch? {
    while let (rows, step) = waiting.popLast() {
      let result = try run(rows, from: step)
      if result.count > 0 { return result }
    }
    return nil
  }

  private mutating func run(_ batch: Batch, from first: Int) throws(QueryError) -> Batch {
    var batch = batch
    for index in first..<steps.count where batch.count > 0 {
      switch steps[index] {
      case .filter(let condition):
        let rows = try condition.evaluate(batch).truePositions(count: batch.count)
        if rows.count < batch.count { batch = batch.taking(rows) }
      case .project(let expressions):
        var columns: [Vector] = []
        for expression in expressions { columns.append(try expression.evaluate(batch)) }
        batch = Batch(columns: columns, count: batch.count)
      case .probe:
        guard let probe = probes[index] else { break }
        var rest = batch
        batch = try probe.probe(&rest)
        // A row may have millions of partners; the others wait.
        if rest.count > 0 { waiting.append((rest, index)) }
      case .unnest(let list, let type): batch = try Unnesting.apply(batch, list, type)
      }
    }
    return batch
  }
}

/// Takes the batches that one thread makes.
protocol Sink: Sendable {
  /// Takes a batch, which has rows.
  ///
  /// - Parameter order: where the batch comes in the order of all.
  func consume(_ batch: Batch, order: UInt64) throws(QueryError)
}

/// Hands out batches one by one.
private final class BatchQueue: Sendable {
  private let batches: [Batch]
  private let taken = Atomic<Int>(0)

  init(_ batches: [Batch]) { self.batches = batches }

  func next() -> (Batch, order: UInt64)? {
    let index = taken.add(1, ordering: .relaxed).oldValue
    return index < batches.count ? (batches[index], UInt64(index) << 16) : nil
  }
}

extension Executor {
  /// Runs a pipeline over all threads, each with a sink of its own.
  func drive<S: Sink>(_ pipeline: Pipeline, threads: Int? = nil, _ makeSink: () -> S) async throws -> [S] {
    let queue: MorselQueue?
    let batches: BatchQueue?
    switch pipeline.source {
    case .scan(let scan): (queue, batches) = (MorselQueue(scan), nil)
    case .csv, .sequence: (queue, batches) = (nil, nil)
    case .batches(let list): (queue, batches) = (nil, BatchQueue(list))
    }
    let count = threads ?? self.options.threads
    let record = ScanRecord()
    return try await withThrowingTaskGroup(of: S.self) { group in
      for thread in 0..<count {
        let sink = makeSink()
        group.addTask {
          var steps = StepRunner(pipeline.steps)
          while let (batch, order) = batches?.next() {
            var order = order
            try self.pass(batch, &steps, to: sink, &order)
          }
          if thread == 0, var reader = pipeline.source.onlyReader {
            var order: UInt64 = 0
            while let batch = try await reader.next() {
              try self.pass(batch, &steps, to: sink, &order)
            }
          }
          guard let queue, case .scan(let scan) = pipeline.source else { return sink }
          while let morsel = try await queue.next() {
            self.tell(scan)
            var reader = try await MorselReader(scan, morsel, record)
            var order = morsel.sequence << 16
            while let batch = try await reader.next() {
              try self.pass(batch, &steps, to: sink, &order)
            }
          }
          return sink
        }
      }
      var sinks: [S] = []
      for try await sink in group { sinks.append(sink) }
      return sinks
    }
  }

  /// Gives a sink what comes of a batch.
  ///
  /// - Parameter order: where the next batch that the sink takes comes in the order of all.
  private func pass(_ batch: Batch, _ steps: inout StepRunner, to sink: some Sink, _ order: inout UInt64) throws {
    try check()
    steps.begin(batch)
    while let result = try steps.next() {
      try sink.consume(result, order: order)
      order += 1
      try check()
    }
  }

  /// Runs a pipeline on one thread, in order, until the body has enough.
  nonisolated(nonsending) func stream(_ pipeline: Pipeline, _ body: (Batch) async throws -> Bool) async throws {
    var steps = StepRunner(pipeline.steps)
    switch pipeline.source {
    case .batches(let list):
      for batch in list {
        if try await !pass(batch, &steps, to: body) { return }
      }
    case .csv, .sequence:
      guard var reader = pipeline.source.onlyReader else { return }
      while let batch = try await reader.next() {
        if try await !pass(batch, &steps, to: body) { return }
      }
    case .scan(let scan):
      let queue = MorselQueue(scan)
      let record = ScanRecord()
      while let morsel = try await queue.next() {
        tell(scan)
        var reader = try await MorselReader(scan, morsel, record)
        while let batch = try await reader.next() {
          if try await !pass(batch, &steps, to: body) { return }
        }
      }
    }
  }

  /// Gives a body what comes of a batch; whether it wants more.
  private nonisolated(nonsending) func pass(
    _ batch: Batch, _ steps: inout StepRunner, to body: (Batch) async throws -> Bool
  ) async throws -> Bool {
    try check()
    steps.begin(batch)
    while let result = try steps.next() {
      if try await !body(result) { return false }
      try check()
    }
    return true
  }
}
