internal import Columnar

/// `CASE` and `COALESCE`: each argument is computed only for the rows that need it.
enum Choosing {
  static func choice(_ arguments: [Expression], _ type: SQLType, _ batch: Batch) throws(QueryError) -> Vector {
    var undecided: [UInt32] = (0..<UInt32(batch.count)).map { $0 }
    var parts: [(rows: [UInt32], values: Vector)] = []
    var index = 0
    while index + 1 < arguments.count, !undecided.isEmpty {
      let rest = batch.taking(undecided)
      let chosen = try arguments[index].evaluate(rest).truePositions(count: undecided.count)
      if !chosen.isEmpty {
        let rows = chosen.map { undecided[Int($0)] }
        parts.append((rows, try arguments[index + 1].evaluate(batch.taking(rows)).expanded(to: rows.count)))
        undecided = removing(chosen, from: undecided)
      }
      index += 2
    }
    if !undecided.isEmpty, let otherwise = arguments.last {
      parts.append((undecided, try otherwise.evaluate(batch.taking(undecided)).expanded(to: undecided.count)))
    }
    return try scattered(parts, type, count: batch.count)
  }

  static func coalesce(_ arguments: [Expression], _ type: SQLType, _ batch: Batch) throws(QueryError) -> Vector {
    var undecided: [UInt32] = (0..<UInt32(batch.count)).map { $0 }
    var parts: [(rows: [UInt32], values: Vector)] = []
    for (index, argument) in arguments.enumerated() where !undecided.isEmpty {
      let value = try argument.evaluate(undecided.count == batch.count ? batch : batch.taking(undecided)).expanded(
        to: undecided.count)
      if index == arguments.count - 1 || value.validity == nil {
        parts.append((undecided, value))
        undecided = []
        break
      }
      let valid = (0..<UInt32(undecided.count)).filter { value.isValid(Int($0)) }
      parts.append((valid.map { undecided[Int($0)] }, value.taking(valid)))
      undecided = removing(valid, from: undecided)
    }
    return try scattered(parts, type, count: batch.count)
  }

  /// The rows without those at some positions, which rise.
  private static func removing(_ positions: [UInt32], from rows: [UInt32]) -> [UInt32] {
    var left: [UInt32] = []
    left.reserveCapacity(rows.count - positions.count)
    var next = 0
    for (index, row) in rows.enumerated() {
      if next < positions.count, positions[next] == index { next += 1 } else { left.append(row) }
    }
    return left
  }

  /// Puts each part's values at its rows.
  private static func scattered(
    _ parts: [(rows: [UInt32], values: Vector)], _ type: SQLType, count: Int
  ) throws(QueryError) -> Vector {
    if count == 0 { return Vector.null(type).expanded(to: 0) }
    let joined = try Vector.joined(
      parts.map { $0.values.withType(type) }, counts: parts.map(\.rows.count), type: type)
    var places = [UInt32](repeating: 0, count: count)
    var next: UInt32 = 0
    for part in parts {
      for row in part.rows {
        places[Int(row)] = next
        next += 1
      }
    }
    return joined.taking(places)
  }
}

extension Vector {
  /// The same values under a type of the same layout; a `NULL` without a type becomes nulls of it.
  func withType(_ type: SQLType) -> Vector {
    if self.type == type { return self }
    if self.type == .null { return Vector.null(type).expanded(to: storedCount) }
    var copy = self
    copy.type = type
    return copy
  }
}
