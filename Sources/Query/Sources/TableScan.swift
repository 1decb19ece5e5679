internal import Columnar
internal import Parquet
internal import Synchronization

/// The bound that rows must reach to be among the first of an order; it only ever becomes tighter.
final class RunningBound: Sendable {
  let column: Int
  let isDescending: Bool
  private let best: Mutex<Value?> = Mutex(nil)

  init(column: Int, isDescending: Bool) {
    self.column = column
    self.isDescending = isDescending
  }

  var value: Value? { best.withLock { $0 } }

  /// The places of edges, the greatest or least values of pieces of a table, in the order in which the pieces are best
  /// read: those first that can hold the first rows of the order.
  func order(_ edges: [Scalar?]) -> [Int] {
    edges.indices.sorted { a, b in
      switch (edges[a], edges[b]) {
      case (.int(let left)?, .int(let right)?) where left != right: isDescending ? left > right : left < right
      case (.double(let left)?, .double(let right)?) where left != right: isDescending ? left > right : left < right
      case (.float(let left)?, .float(let right)?) where left != right: isDescending ? left > right : left < right
      case (_?, nil): true
      case (nil, _?): false
      default: a < b
      }
    }
  }

  /// Tells that enough rows are known which reach this value, a whole number or one with a fraction. What is no number
  /// bounds nothing.
  func tighten(_ value: Value) {
    best.withLock { known in
      switch (known, value) {
      case (nil, .int), (nil, .double(-.infinity ... .infinity)): known = value
      case (.int(let old)?, .int(let new)): known = .int(isDescending ? max(old, new) : min(old, new))
      case (.double(let old)?, .double(let new)) where isDescending ? new > old : new < old: known = value
      default: break
      }
    }
  }
}

/// A piece of a table that one thread reads: a row group.
struct Morsel: Sendable {
  var file: Int
  var rowGroup: Int
  /// Where its rows come in the order of all.
  var sequence: UInt64
}

/// Hands out the row groups of a table.
actor MorselQueue {
  private let scan: Scan
  private var groups: [Morsel] = []
  /// Files that have not been looked at, the next one last.
  private var waiting: [Int]
  private var opening = 0

  init(_ scan: Scan) {
    self.scan = scan
    waiting = scan.fileOrder.reversed()
  }

  /// The next row group; `nil` behind the last.
  func next() async throws -> Morsel? {
    while true {
      if !groups.isEmpty { return groups.removeFirst() }
      if let index = waiting.popLast() {
        guard scan.mayHold(file: index) else { continue }
        opening += 1
        defer { opening -= 1 }
        let metadata = try await scan.table.files.open(index).metadata
        var found = metadata.rowGroups.indices.map {
          Morsel(file: index, rowGroup: $0, sequence: UInt64(index) << 12 | UInt64($0 & 0xFFF))
        }
        if let bound = scan.bound { found = sorted(found, by: bound, metadata) }
        groups += found
      } else if opening > 0 {
        await Task.yield()
      } else {
        return nil
      }
    }
  }

  /// The row groups that can hold the first rows of the order come first.
  private func sorted(_ groups: [Morsel], by bound: RunningBound, _ metadata: ParquetMetadata) -> [Morsel] {
    let name = scan.table.columns[scan.columns[bound.column]].name
    guard let leaf = metadata.columns.firstIndex(where: { $0.name == name }) else { return groups }
    let edges = groups.map { group in
      let statistics = metadata.rowGroups[group.rowGroup].columns[leaf].statistics
      return bound.isDescending ? statistics.max : statistics.min
    }
    return bound.order(edges).map { groups[$0] }
  }
}

extension TextDictionary {
  /// Whether both stand on the same memory; equal strings elsewhere are not looked for.
  func isSame(as other: TextDictionary) -> Bool {
    let (a, b) = (strings, other.strings)
    guard a.count == b.count, a.bytes.count == b.bytes.count else { return false }
    return unsafe a.offsets.withUnsafeBufferPointer { first in
      unsafe b.offsets.withUnsafeBufferPointer { second in unsafe first.baseAddress == second.baseAddress }
    }
  }
}

extension Scan {
  /// What must hold for a row: the filters, and the bound as it stands.
  var conditions: [Expression] {
    guard let bound, let value = bound.value else { return filters }
    let type = table.columns[columns[bound.column]].type
    let operation = bound.isDescending ? Operation.greaterOrEqual : .lessOrEqual
    let reaches = Expression.call(
      operation, [.column(bound.column, type), .constant(value, type)], .boolean, at: Place(range: 0..<0))
    return filters + [reaches]
  }

  /// The rows that pass all conditions.
  func apply(_ batch: Batch) throws(QueryError) -> Batch {
    var batch = batch
    for condition in conditions where batch.count > 0 {
      let rows = try condition.evaluate(batch).truePositions(count: batch.count)
      if rows.count < batch.count { batch = batch.taking(rows) }
    }
    return batch
  }
}
