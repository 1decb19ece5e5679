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
    let sorted = try WindowFunctions.apply(call, arguments, partition)
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

/// The window functions over sorted rows.
enum WindowFunctions {
  static func apply(
    _ call: WindowCall, _ arguments: [Vector], _ partitions: WindowRunner.Partitions
  ) throws(QueryError) -> Vector {
    var ints = [Int64](repeating: 0, count: partitions.count)
    let peers = partitions.peers
    switch call.function {
    case .rowNumber:
      for range in partitions.ranges { for row in range { ints[row] = Int64(row - range.lowerBound + 1) } }
    case .rank:
      for range in partitions.ranges {
        for row in range { ints[row] = Int64(max(peers[row], range.lowerBound) - range.lowerBound + 1) }
      }
    case .denseRank:
      for range in partitions.ranges {
        var rank: Int64 = 0
        for row in range {
          if row == range.lowerBound || peers[row] == row { rank += 1 }
          ints[row] = rank
        }
      }
    case .percentRank, .cumeDist:
      var list = [Double](repeating: 0, count: partitions.count)
      let ends = partitions.peerEnds
      for range in partitions.ranges {
        for row in range {
          let before = Double(max(peers[row], range.lowerBound) - range.lowerBound)
          list[row] =
            call.function == .cumeDist
            ? Double(min(ends[row], range.upperBound) - range.lowerBound) / Double(range.count)
            : range.count == 1 ? 0 : before / Double(range.count - 1)
        }
      }
      return Vector(.double, .doubles(list))
    case .ntile:
      for range in partitions.ranges {
        for row in range {
          let tiles = arguments[0].ints[row]
          guard tiles > 0 else { throw QueryError(.value, "ntile takes a number above 0") }
          let (size, rest) = (Int64(range.count) / tiles, Int64(range.count) % tiles)
          let at = Int64(row - range.lowerBound)
          let larger = rest * (size + 1)
          ints[row] = at < larger ? at / (size + 1) + 1 : rest + (at - larger) / max(1, size) + 1
        }
      }
    case .lag, .lead: return shifted(call, arguments, partitions)
    case .firstValue, .lastValue, .nthValue: return placed(call, arguments, partitions)
    case .aggregate(let function):
      return try WindowAggregates.apply(function, call, arguments, frames(call.frame, partitions), partitions.count)
    }
    return Vector(call.type, .ints(ints))
  }

  private static func shifted(
    _ call: WindowCall, _ arguments: [Vector], _ partitions: WindowRunner.Partitions
  ) -> Vector {
    let values = arguments[0]
    let offsets = arguments.count > 1 ? arguments[1].ints : Array(repeating: 1, count: partitions.count)
    var rows = [UInt32](repeating: 0, count: partitions.count)
    var found = [UInt8](repeating: 0, count: partitions.count)
    for range in partitions.ranges {
      for row in range {
        let offset = max(-1 << 40, min(1 << 40, offsets[row]))
        let target = call.function == .lag ? row - Int(offset) : row + Int(offset)
        if range.contains(target), arguments.count < 2 || arguments[1].isValid(row) {
          rows[row] = UInt32(target)
          found[row] = 1
        }
      }
    }
    var result = values.taking(rows)
    if arguments.count > 2,
      let both = try? Vector.joined(
        [values, arguments[2]], counts: [partitions.count, partitions.count], type: values.type)
    {
      for row in rows.indices where found[row] == 0 { rows[row] = UInt32(partitions.count + row) }
      return both.taking(rows)
    }
    result.validity = Bitmap.both(result.validity, Bitmap(words: packFlags(found.span), count: partitions.count))
    return result
  }

  private static func placed(
    _ call: WindowCall, _ arguments: [Vector], _ partitions: WindowRunner.Partitions
  ) -> Vector {
    let frames = frames(call.frame, partitions)
    var rows = [UInt32](repeating: 0, count: partitions.count)
    var found = [UInt8](repeating: 0, count: partitions.count)
    let numbers = call.function == .nthValue ? arguments[1].ints : []
    for (row, frame) in frames.enumerated() where !frame.isEmpty {
      var target = frame.lowerBound
      if call.function == .lastValue { target = frame.upperBound - 1 }
      if call.function == .nthValue {
        guard numbers[row] > 0, numbers[row] <= Int64(frame.count) else { continue }
        target += Int(numbers[row]) - 1
      }
      rows[row] = UInt32(target)
      found[row] = 1
    }
    var result = arguments[0].taking(rows)
    result.validity = Bitmap.both(result.validity, Bitmap(words: packFlags(found.span), count: partitions.count))
    return result
  }

  /// The rows of each row's frame.
  static func frames(_ frame: FrameSyntax, _ partitions: WindowRunner.Partitions) -> [Range<Int>] {
    var result: [Range<Int>] = []
    result.reserveCapacity(partitions.count)
    let ends = frame.isRows ? [] : partitions.peerEnds
    for range in partitions.ranges {
      for row in range {
        func place(_ bound: FrameSyntax.Bound, isEnd: Bool) -> Int {
          switch bound {
          case .unboundedPreceding: range.lowerBound
          case .unboundedFollowing: range.upperBound
          case .currentRow:
            frame.isRows
              ? row + (isEnd ? 1 : 0)
              : isEnd ? min(ends[row], range.upperBound) : max(partitions.peers[row], range.lowerBound)
          case .preceding(let count): row - min(count, 1 << 40) + (isEnd ? 1 : 0)
          case .following(let count): row + min(count, 1 << 40) + (isEnd ? 1 : 0)
          }
        }
        let start = max(range.lowerBound, min(place(frame.start, isEnd: false), range.upperBound))
        let end = max(start, min(place(frame.end, isEnd: true), range.upperBound))
        result.append(start..<end)
      }
    }
    return result
  }
}

/// Aggregates over frames. Frames move forwards, so rows are added as they come in and, where that can be undone, taken
/// out as they go; a minimum is looked for again when its row has gone.
enum WindowAggregates {
  static func apply(
    _ function: AggregateCall.Function, _ call: WindowCall, _ arguments: [Vector], _ frames: [Range<Int>], _ count: Int
  ) throws(QueryError) -> Vector {
    let type = call.type
    let argument = arguments.first
    switch function {
    case .countAll: return Vector(type, .ints(frames.map { Int64($0.count) }))
    case .count, .countIf:
      var before: [Int64] = [0]
      for row in 0..<count {
        let counts = argument?.isValid(row) ?? true && (function == .count || argument?.flags[row] == 1)
        before.append(before[row] + (counts ? 1 : 0))
      }
      let list = frames.map { before[$0.upperBound] - before[$0.lowerBound] }
      return Vector(type, type.layout == .wide ? .wides(list.map { Int128($0) }) : .ints(list))
    case .sum, .avg: return try sums(function, type, arguments[0], frames, count)
    default: return extremes(function, arguments[0], frames)
    }
  }

  private static func sums(
    _ function: AggregateCall.Function, _ type: SQLType, _ values: Vector, _ frames: [Range<Int>], _ count: Int
  ) throws(QueryError) -> Vector {
    var counts: [Int64] = [0]
    for row in 0..<count { counts.append(counts[row] + (values.isValid(row) ? 1 : 0)) }
    let validity = Bitmap(frames.lazy.map { counts[$0.upperBound] > counts[$0.lowerBound] })
    if values.type.layout == .double {
      // Each frame is summed for itself, for differences of running sums are not exact; one that only grows goes on.
      let list = values.doubles
      var last = 0..<0
      var sum = 0.0
      let result = frames.map { frame -> Double in
        if frame.lowerBound != last.lowerBound || frame.upperBound < last.upperBound || last.isEmpty {
          (last, sum) = (frame.lowerBound..<frame.lowerBound, 0)
        }
        for row in last.upperBound..<frame.upperBound where values.isValid(row) { sum += list[row] }
        last = frame
        let number = Double(counts[frame.upperBound] - counts[frame.lowerBound])
        return function == .avg ? sum / number : sum
      }
      return Vector(type, .doubles(result), validity: validity)
    }
    let list = values.type.layout == .wide ? values.wides : values.ints.map { Int128($0) }
    var before: [Int128] = [0]
    for row in 0..<count {
      let (sum, overflow) = before[row].addingReportingOverflow(values.isValid(row) ? list[row] : 0)
      if overflow { throw Arithmetic.overflow }
      before.append(sum)
    }
    if function == .avg {
      let scale = Double(Maths.tenTo(values.type.isDecimal ? values.type.digits?.scale ?? 0 : 0))
      return Vector(
        .double,
        .doubles(
          frames.map {
            Double(before[$0.upperBound] - before[$0.lowerBound])
              / Double(counts[$0.upperBound] - counts[$0.lowerBound])
              / scale
          }), validity: validity)
    }
    return Vector(type, .wides(frames.map { before[$0.upperBound] - before[$0.lowerBound] }), validity: validity)
  }

  private static func extremes(_ function: AggregateCall.Function, _ values: Vector, _ frames: [Range<Int>]) -> Vector {
    let order = RowOrder([(values, function == .max, false)], count: values.storedCount)
    var rows = [UInt32](repeating: 0, count: frames.count)
    var found = [UInt8](repeating: 0, count: frames.count)
    // Rows that may still become the extreme of a frame, the best first.
    var waiting: [Int] = []
    var head = 0
    var last = 0..<0
    for (index, frame) in frames.enumerated() {
      if frame.lowerBound < last.lowerBound || frame.upperBound < last.upperBound || frame.lowerBound >= last.upperBound
      {
        waiting = []
        head = 0
        last = frame.lowerBound..<frame.lowerBound
      }
      for row in last.upperBound..<max(last.upperBound, frame.upperBound) where values.isValid(row) {
        while waiting.count > head, let other = waiting.last,
          function == .anyValue ? false : order.compare(row, other) < 0
        {
          waiting.removeLast()
        }
        waiting.append(row)
      }
      while head < waiting.count, waiting[head] < frame.lowerBound { head += 1 }
      last = frame
      if head < waiting.count, frame.contains(waiting[head]) {
        rows[index] = UInt32(waiting[head])
        found[index] = 1
      }
    }
    var result = values.taking(rows)
    result.validity = Bitmap.both(result.validity, Bitmap(words: packFlags(found.span), count: frames.count))
    return result
  }
}
