internal import Columnar
internal import Kernels

/// The window functions over sorted rows.
enum WindowFunctions {
  static func apply(
    _ call: WindowCall, _ arguments: [Vector], _ partitions: WindowRunner.Partitions, _ frames: [Range<Int>]
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
    case .firstValue, .lastValue, .nthValue: return try placed(call, arguments, frames)
    case .aggregate: preconditionFailure("aggregates are computed apart")
    }
    return Vector(call.type, .ints(ints))
  }

  private static func shifted(
    _ call: WindowCall, _ arguments: [Vector], _ partitions: WindowRunner.Partitions
  ) -> Vector {
    let values = arguments[0]
    let offsets = arguments.count > 1 ? arguments[1].ints : Array(repeating: 1, count: partitions.count)
    let valued = call.ignoresNulls ? ValuedRows(values, count: partitions.count) : nil
    var rows = [UInt32](repeating: 0, count: partitions.count)
    var found = [UInt8](repeating: 0, count: partitions.count)
    for range in partitions.ranges {
      for row in range {
        guard arguments.count < 2 || arguments[1].isValid(row) else { continue }
        let offset = Int(max(-1 << 40, min(1 << 40, offsets[row])))
        let step = call.function == .lag ? 0 - offset : offset
        let target = valued.map { $0.row(step, from: row) } ?? row + step
        if let target, range.contains(target) {
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
    _ call: WindowCall, _ arguments: [Vector], _ frames: [Range<Int>]
  ) throws(QueryError) -> Vector {
    var rows = [UInt32](repeating: 0, count: frames.count)
    var found = [UInt8](repeating: 0, count: frames.count)
    let numbers = call.function == .nthValue ? arguments[1].ints : []
    let valued = call.ignoresNulls ? ValuedRows(arguments[0], count: frames.count) : nil
    for (row, frame) in frames.enumerated() {
      // Of those that count, which one is wanted.
      let frame = valued.map { $0.numbers(in: frame) } ?? frame
      if frame.isEmpty { continue }
      var target = frame.lowerBound
      if call.function == .lastValue { target = frame.upperBound - 1 }
      if call.function == .nthValue {
        guard arguments[1].isValid(row), numbers[row] > 0, numbers[row] <= Int64(frame.count) else { continue }
        target += Int(numbers[row]) - 1
      }
      rows[row] = valued.map { $0.rows[target] } ?? UInt32(target)
      found[row] = 1
    }
    var result = try arguments[0].repeating(rows)
    result.validity = Bitmap.both(result.validity, Bitmap(words: packFlags(found.span), count: frames.count))
    return result
  }
}

/// The rows that have a value, numbered.
private struct ValuedRows {
  private(set) var rows: [UInt32] = []
  /// For each row, and behind the last, how many rows with a value lie before it.
  private var before: [Int] = [0]

  init(_ values: Vector, count: Int) {
    for row in 0..<count {
      if values.isValid(row) { rows.append(UInt32(row)) }
      before.append(rows.count)
    }
  }

  /// The numbers of those in a range.
  func numbers(in range: Range<Int>) -> Range<Int> { before[range.lowerBound]..<before[range.upperBound] }

  /// The row so many steps further; `nil` beyond the ends.
  func row(_ step: Int, from row: Int) -> Int? {
    if step == 0 { return row }
    let number = step > 0 ? before[row + 1] + step - 1 : before[row] + step
    return rows.indices.contains(number) ? Int(rows[number]) : nil
  }
}
