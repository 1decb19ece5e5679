internal import Columnar
internal import Kernels

/// Computes window functions over all rows at once: sorted by partition and order, one partition after the other.
enum WindowRunner {
  /// - Parameter check: is called now and then, and ends the work by what it throws.
  static func run(
    _ batch: Batch, _ calls: [WindowCall], _ check: () throws(QueryError) -> Void
  ) throws(QueryError) -> Batch {
    var result = batch
    for call in calls {
      let vector = try column(batch, call, check)
      result.columns.append(vector)
    }
    return result
  }

  private static func column(
    _ batch: Batch, _ call: WindowCall, _ check: () throws(QueryError) -> Void
  ) throws(QueryError) -> Vector {
    guard batch.count > 0 else { return Vector.null(call.type).expanded(to: 0) }
    var keys: [(Vector, isDescending: Bool, nullsFirst: Bool)] = []
    for key in call.partition { keys.append((try key.evaluate(batch), false, false)) }
    let partitions = RowOrder(keys, count: batch.count)
    for key in call.order { keys.append((try key.expression.evaluate(batch), key.isDescending, key.nullsFirst)) }
    let order = RowOrder(keys, count: batch.count)
    let rows = try order.sorted(count: batch.count, check)
    var arguments: [Vector] = []
    for argument in call.arguments {
      arguments.append(try argument.evaluate(batch).expanded(to: batch.count).withoutCodes.taking(rows))
    }
    var starts = [0]
    for index in 1..<max(1, rows.count)
    where partitions.compare(Int(rows[index - 1]), Int(rows[index])) != 0 {
      starts.append(index)
    }
    starts.append(rows.count)
    // The first row of each row's peers, which are equal in the order too.
    var peers = [Int](repeating: 0, count: rows.count)
    for index in 1..<max(1, rows.count) {
      peers[index] = order.compare(Int(rows[index - 1]), Int(rows[index])) == 0 ? peers[index - 1] : index
    }
    let partition = Partitions(starts: starts, peers: peers, count: rows.count)
    let frames = try WindowFrames(call, partition, batch, rows)
    let sorted: Vector
    if case .aggregate(let aggregate) = call.function {
      let kept = try call.filter.map { (filter) throws(QueryError) -> [UInt8] in
        var flags = [UInt8](repeating: 0, count: rows.count)
        for row in try filter.evaluate(batch).truePositions(count: batch.count) { flags[Int(row)] = 1 }
        return rows.map { flags[Int($0)] }
      }
      sorted = try WindowAggregates.apply(aggregate, arguments, frames, kept, check)
    } else {
      sorted = try WindowFunctions.apply(call, arguments, partition, frames.ranges)
    }
    var back = [UInt32](repeating: 0, count: rows.count)
    for (index, row) in rows.enumerated() { back[Int(row)] = UInt32(index) }
    return sorted.taking(back)
  }

  /// Sorted rows, cut into partitions and peers.
  struct Partitions {
    let starts: [Int]
    let peers: [Int]
    let count: Int

    /// The end of each row's peers.
    var peerEnds: [Int] {
      var ends = [Int](repeating: count, count: count)
      for index in (0..<max(0, count - 1)).reversed() {
        ends[index] = peers[index + 1] == peers[index] ? ends[index + 1] : index + 1
      }
      return ends
    }

    var ranges: [Range<Int>] { zip(starts, starts.dropFirst()).map { $0..<$1 } }
  }
}
