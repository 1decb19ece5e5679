import ArgumentParser

/// How many files are under way at a time.
struct ParallelOption: ParsableArguments {
  @Option(help: "How many files are under way at a time.")
  var parallel = 8

  func validate() throws {
    guard (1...256).contains(parallel) else { throw ValidationError("--parallel is from 1 to 256") }
  }

  /// Runs work for each item. After the first failure nothing new begins, what is under way ends, and it is thrown.
  ///
  /// - Parameter width: How many at a time, where it is not `parallel`.
  func forEach<Item: Sendable>(
    _ items: [Item], width: Int? = nil, _ work: @escaping @Sendable (Item) async throws -> Void
  ) async throws {
    let width = width ?? parallel
    try await withThrowingTaskGroup(of: Void.self) { (group) in
      var waiting = items[...]
      for item in waiting.prefix(width) { group.addTask { try await work(item) } }
      waiting = waiting.dropFirst(width)
      var failure: (any Error)?
      while let result = await group.nextResult() {
        if case .failure(let error) = result {
          failure = failure ?? error
        } else if failure == nil, let item = waiting.popFirst() {
          group.addTask { try await work(item) }
        }
      }
      if let failure { throw failure }
    }
  }
}
