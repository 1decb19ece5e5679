/// Groups more rows than fit in memory: they are laid aside by the hashes of their keys, and each part is grouped for
/// itself.
struct SpilledAggregation {
  let executor: Executor
  let keys: [Expression]
  let calls: [AggregateCall]
  /// The columns of the input.
  let types: [SQLType]

  /// The groups of a pipeline's rows, laid aside in their turn.
  func run(_ source: Pipeline) async throws -> Pipeline {
    let results = try SpillFile(keys.map(\.type) + calls.map(\.type), in: executor.options.temporaryDirectory)
    try await divide(source, level: 0, hasPlaces: false, into: results)
    return Pipeline(source: .sequence(SpilledRows(file: results)))
  }

  private func divide(_ source: Pipeline, level: Int, hasPlaces: Bool, into results: SpillFile) async throws {
    let files = try PartitioningSink.files(types, executor.options)
    _ = try await executor.drive(source) { PartitioningSink(keys, level: level, files, hasPlaces: hasPlaces) }
    for file in files {
      let part = Pipeline(source: .sequence(SpilledRows(file: file)))
      let mark = executor.memory.mark
      do {
        let places = types.count
        let sinks = try await executor.drive(part, threads: 1) {
          AggregateSink(keys: keys, calls: calls, executor.memory, places: places)
        }
        for sink in sinks { try results.append(try sink.finish()) }
      } catch  where executor.memory.isExceeded && level + 1 < PartitioningSink.mostLevels {
        executor.memory.rewind(to: mark)
        try await divide(part, level: level + 1, hasPlaces: true, into: results)
      }
      executor.memory.rewind(to: mark)
    }
  }
}
