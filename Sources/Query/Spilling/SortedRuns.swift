internal import Columnar

/// Merges runs of sorted rows, most of which are laid aside.
struct SortedRuns: BatchSequence {
  let keys: [SortKey]
  let types: [SQLType]
  let runs: [SpillFile]
  /// Rows of all runs together that are in memory at once.
  private static let rowsInMemory = 1 << 17

  func makeReader() -> any BatchReader { Reader(self) }

  private struct Reader: BatchReader {
    private let runs: SortedRuns
    private var readers: [any BatchReader] = []
    /// Of each run the rows at hand.
    private var heads: [Batch?]
    private let blockRows: Int
    private var hasBegun = false

    init(_ runs: SortedRuns) {
      self.runs = runs
      heads = runs.runs.map { _ in nil }
      blockRows = max(64, SortedRuns.rowsInMemory / max(1, runs.runs.count))
    }

    mutating func next() async throws -> Batch? {
      if !hasBegun {
        hasBegun = true
        for run in runs.runs { readers.append(SpillReader(try await run.finish(), run.types, rows: blockRows)) }
      }
      // A run without rows at hand is at its end once its reader says so.
      var isOpen = [Bool](repeating: false, count: readers.count)
      for index in readers.indices {
        if heads[index] == nil { heads[index] = try await readers[index].next() }
        isOpen[index] = heads[index] != nil
      }
      let members = readers.indices.filter { isOpen[$0] }
      if members.isEmpty { return nil }
      let batches = members.compactMap { heads[$0] }
      let all = try Batch.joined(batches, types: runs.types)
      let rows = try runs.sorted(all)
      // What comes behind the last row at hand of any run may have to wait for rows of that run.
      var lasts: Set<UInt32> = []
      var end = 0
      for batch in batches {
        end += batch.count
        lasts.insert(UInt32(end - 1))
      }
      let cut = (rows.firstIndex { lasts.contains($0) } ?? rows.count - 1) + 1
      var taken = [Int](repeating: 0, count: members.count)
      var starts: [Int] = []
      end = 0
      for batch in batches {
        starts.append(end)
        end += batch.count
      }
      for row in rows[..<cut] { taken[(starts.lastIndex { $0 <= Int(row) }) ?? 0] += 1 }
      for (index, member) in members.enumerated() {
        let batch = batches[index]
        heads[member] = taken[index] == batch.count ? nil : batch.sliced(taken[index]..<batch.count)
      }
      return all.taking(Array(rows[..<cut]))
    }
  }

  /// The rows of a batch in order.
  private func sorted(_ batch: Batch) throws(QueryError) -> [UInt32] {
    var vectors: [(Vector, isDescending: Bool, nullsFirst: Bool)] = []
    for key in keys { vectors.append((try key.expression.evaluate(batch), key.isDescending, key.nullsFirst)) }
    return try RowOrder(vectors, count: batch.count).sorted(count: batch.count)
  }
}
