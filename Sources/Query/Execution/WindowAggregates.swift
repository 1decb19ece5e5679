internal import Columnar
internal import Kernels

/// Aggregates over frames. Frames move forwards, so rows are added as they come in and, where that can be undone, taken
/// out as they go; a minimum is looked for again when its row has gone.
enum WindowAggregates {
  /// - Parameter kept: a byte for each row, 0 where a filter leaves it out.
  static func apply(
    _ call: AggregateCall, _ arguments: [Vector], _ all: WindowFrames, _ kept: [UInt8]?,
    _ check: () throws(QueryError) -> Void
  ) throws(QueryError) -> Vector {
    let (function, type, frames) = (call.function, call.type, all.ranges)
    let isMoving = [.countAll, .count, .sum, .avg, .min, .max, .anyValue].contains(function)
    guard isMoving, !call.isDistinct, all.exclusion == .none, kept == nil else {
      return try EachFrame(call, arguments, all, kept).run(check)
    }
    let count = frames.count
    let argument = arguments.first
    switch function {
    case .countAll: return Vector(type, .ints(frames.map { Int64($0.count) }))
    case .count:
      var before: [Int64] = [0]
      for row in 0..<count { before.append(before[row] + (argument?.isValid(row) ?? true ? 1 : 0)) }
      return Vector(type, .ints(frames.map { before[$0.upperBound] - before[$0.lowerBound] }))
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

/// Aggregates that are computed for each frame from its rows, as groups are; frames that follow each other and are the
/// same are computed once.
private struct EachFrame {
  private let call: AggregateCall
  private let arguments: [Vector]
  private let frames: WindowFrames
  /// The rows that count: those that a filter keeps and that have the values which the aggregate needs.
  private let counts: [UInt8]
  /// Rows that are taken in at once.
  private static let mostRows = 1 << 18

  init(_ call: AggregateCall, _ arguments: [Vector], _ frames: WindowFrames, _ kept: [UInt8]?) {
    self.call = call
    self.arguments = arguments
    self.frames = frames
    var counts = kept ?? [UInt8](repeating: 1, count: frames.ranges.count)
    for argument in arguments.prefix(call.neededValues) {
      if let validity = argument.validity { clearFlags(&counts, where: validity.words.span) }
    }
    self.counts = counts
  }

  func run(_ check: () throws(QueryError) -> Void) throws(QueryError) -> Vector {
    var results: [Vector] = []
    var sizes: [Int] = []
    // For each row the number of its frame among the different ones.
    var numbers: [UInt32] = []
    var rows: [UInt32] = []
    var groups: [UInt32] = []
    var totals: [Int64] = []
    var last: [Range<Int>]?
    func finish() throws(QueryError) {
      guard !totals.isEmpty else { return }
      results.append(try result(rows, groups, totals))
      sizes.append(totals.count)
      (rows, groups, totals) = ([], [], [])
    }
    var frameCount = 0
    for row in frames.ranges.indices {
      let parts = frames.rows(of: row)
      if parts != last {
        last = parts
        if rows.count >= Self.mostRows {
          try finish()
          try check()
        }
        let start = rows.count
        for part in parts { for row in part where counts[row] != 0 { rows.append(UInt32(row)) } }
        groups += repeatElement(UInt32(totals.count), count: rows.count - start)
        totals.append(Int64(rows.count - start))
        frameCount += 1
      }
      numbers.append(UInt32(frameCount - 1))
    }
    try finish()
    return try Vector.joined(results, counts: sizes, type: call.type).withoutCodes.repeating(numbers)
  }

  private func result(_ rows: [UInt32], _ groups: [UInt32], _ totals: [Int64]) throws(QueryError) -> Vector {
    let state = AggregateState.make(call)
    state.grow(to: totals.count)
    if !rows.isEmpty {
      try state.update(
        arguments.map { $0.taking(rows) }, groups: groups, order: rows.map { UInt64($0) })
    }
    return try state.finish(Array(0..<UInt32(totals.count)), rows: totals).expanded(to: totals.count)
  }
}

extension Vector {
  /// The rows at these positions, of which one may be taken often.
  ///
  /// - Throws: ``QueryError`` where all texts or items together are too many.
  func repeating(_ rows: [UInt32]) throws(QueryError) -> Vector {
    var size = 0
    switch values {
    case .bytes(let strings):
      for row in rows { size += Int(strings.offsets[Int(row) + 1] - strings.offsets[Int(row)]) }
    case .other(let column):
      if case .list(let offsets, _) = column.values {
        for row in rows { size += Int(offsets[Int(row) + 1] - offsets[Int(row)]) }
      }
    default: break
    }
    guard size < 1 << 30 else { throw QueryError(.limit, "texts of more than 1 GiB over a window") }
    return taking(rows)
  }
}
