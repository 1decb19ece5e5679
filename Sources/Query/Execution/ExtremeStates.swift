internal import Columnar
internal import Kernels

/// `min`, `max`, `bool_and` and `bool_or` of numbers, times and flags of up to 64 bits.
final class WholeExtremeState: AggregateState {
  private var best: [Int64] = []

  private var isMin: Bool { call.function == .min || call.function == .boolAnd }

  override func grow(to groups: Int) {
    appendRepeating(isMin ? Int64.max : .min, count: max(0, groups - best.count), to: &best)
  }

  override func update(_ arguments: [Vector], groups: [UInt32], order: [UInt64]) {
    let vector = arguments[0].expanded(to: groups.count)
    if best.count == 1, !groups.isEmpty {
      best[0] = whole(vector, best[0])
      return
    }
    if case .narrow(let list) = vector.values {
      if isMin {
        accumulate(list, groups: groups, into: &best) { $0 = Swift.min($0, Int64($1)) }
      } else {
        accumulate(list, groups: groups, into: &best) { $0 = Swift.max($0, Int64($1)) }
      }
    } else if isMin {
      accumulate(vector.ints, groups: groups, into: &best) { $0 = Swift.min($0, $1) }
    } else {
      accumulate(vector.ints, groups: groups, into: &best) { $0 = Swift.max($0, $1) }
    }
  }

  /// The extreme of a whole vector.
  private func whole(_ vector: Vector, _ known: Int64) -> Int64 {
    if case .narrow(let list) = vector.values, let (low, high) = unsafe extremesInt32(list.span.bytes) {
      return isMin ? Swift.min(known, Int64(low)) : Swift.max(known, Int64(high))
    }
    let list = vector.ints
    guard let (low, high) = unsafe extremesInt64(list.span.bytes) else { return known }
    return isMin ? Swift.min(known, low) : Swift.max(known, high)
  }

  override func merge(_ other: AggregateState, groups: [UInt32]) {
    guard let other = other as? WholeExtremeState else { return }
    for (group, value) in zip(groups, other.best) {
      best[Int(group)] = isMin ? Swift.min(best[Int(group)], value) : Swift.max(best[Int(group)], value)
    }
  }

  override func finish(_ groups: [UInt32], rows: [Int64]) -> Vector {
    let counts = passedOn(groups, of: rows)
    let validity = Bitmap(counts.lazy.map { $0 > 0 })
    if call.type.layout == .flag {
      return Vector(
        call.type, .flags(zip(groups, counts).map { $1 > 0 && best[Int($0)] == 1 ? 1 : 0 }), validity: validity)
    }
    return Vector(call.type, .ints(zip(groups, counts).map { $1 == 0 ? 0 : best[Int($0)] }), validity: validity)
  }

  override var byteCount: Int { best.count * 8 }
}

/// `min` and `max` of floating-point numbers, NaN being the greatest.
final class DoubleExtremeState: AggregateState {
  private var best: [Double] = []

  override func grow(to groups: Int) {
    appendRepeating(
      call.function == .min ? Double.nan : -Double.infinity, count: max(0, groups - best.count), to: &best)
  }

  @inline(__always)
  private static func precedes(_ a: Double, _ b: Double) -> Bool { a < b || (b.isNaN && !a.isNaN) }

  override func update(_ arguments: [Vector], groups: [UInt32], order: [UInt64]) {
    let list = arguments[0].expanded(to: groups.count).doubles
    if call.function == .min {
      accumulate(list, groups: groups, into: &best) { if Self.precedes($1, $0) { $0 = $1 } }
    } else {
      accumulate(list, groups: groups, into: &best) { if Self.precedes($0, $1) { $0 = $1 } }
    }
  }

  override func merge(_ other: AggregateState, groups: [UInt32]) {
    guard let other = other as? DoubleExtremeState else { return }
    for (group, value) in zip(groups, other.best) {
      let isBetter =
        call.function == .min ? Self.precedes(value, best[Int(group)]) : Self.precedes(best[Int(group)], value)
      if isBetter { best[Int(group)] = value }
    }
  }

  override func finish(_ groups: [UInt32], rows: [Int64]) -> Vector {
    let counts = passedOn(groups, of: rows)
    return Vector(
      call.type, .doubles(groups.map { best[Int($0)] }), validity: Bitmap(counts.lazy.map { $0 > 0 }))
  }

  override var byteCount: Int { best.count * 8 }
}

/// `min` and `max` of texts, decimals and intervals.
final class ValueExtremeState: AggregateState {
  private var best: [Value] = []

  override func grow(to groups: Int) {
    best.append(contentsOf: repeatElement(.null, count: max(0, groups - best.count)))
  }

  private func take(_ value: Value, _ group: Int) {
    let isBetter: Bool
    switch (value, best[group]) {
    case (_, .null): isBetter = true
    case (.bytes(let a), .bytes(let b)):
      isBetter = call.function == .min ? a.lexicographicallyPrecedes(b) : b.lexicographicallyPrecedes(a)
    case (.wide(let a), .wide(let b)): isBetter = call.function == .min ? a < b : b < a
    case (.interval(let a), .interval(let b)):
      let (left, right) = (a.approximateMicros, b.approximateMicros)
      isBetter = call.function == .min ? left < right : right < left
    default: isBetter = false
    }
    if isBetter { best[group] = value }
  }

  override func update(_ arguments: [Vector], groups: [UInt32], order: [UInt64]) {
    let vector = arguments[0]
    if case .coded(let codes, let dictionary) = vector.values, best.count == 1 {
      // Each distinct text once.
      var used = [UInt8](repeating: 0, count: dictionary.strings.count)
      for code in codes { used[Int(code)] = 1 }
      for code in used.indices where used[code] != 0 { take(.bytes(Array(dictionary.strings[code])), 0) }
      return
    }
    for (row, group) in groups.enumerated() { take(vector.value(at: row), Int(group)) }
  }

  override func merge(_ other: AggregateState, groups: [UInt32]) {
    guard let other = other as? ValueExtremeState else { return }
    for (index, group) in groups.enumerated() where other.best[index] != .null { take(other.best[index], Int(group)) }
  }

  override func finish(_ groups: [UInt32]) throws(QueryError) -> Vector {
    let parts = groups.map { Vector(constant: best[Int($0)], call.type) }
    return try Vector.joined(parts, counts: parts.map { _ in 1 }, type: call.type)
  }

  override var byteCount: Int { best.count * 64 }
}

/// `bit_and`, `bit_or` and `bit_xor`.
final class BitState: AggregateState {
  private var bits: [Int64] = []
  private var seen: [UInt8] = []

  override func grow(to groups: Int) {
    appendRepeating(call.function == .bitAnd ? -1 : 0, count: max(0, groups - bits.count), to: &bits)
    appendZeros(max(0, groups - seen.count), to: &seen)
  }

  private func take(_ value: Int64, _ group: Int) {
    seen[group] = 1
    switch call.function {
    case .bitAnd: bits[group] &= value
    case .bitOr: bits[group] |= value
    default: bits[group] ^= value
    }
  }

  override func update(_ arguments: [Vector], groups: [UInt32], order: [UInt64]) {
    for (value, group) in zip(arguments[0].expanded(to: groups.count).ints, groups) { take(value, Int(group)) }
  }

  override func merge(_ other: AggregateState, groups: [UInt32]) {
    guard let other = other as? BitState else { return }
    for (index, group) in groups.enumerated() where other.seen[index] != 0 { take(other.bits[index], Int(group)) }
  }

  override func finish(_ groups: [UInt32]) -> Vector {
    Vector(
      call.type, .ints(groups.map { bits[Int($0)] }), validity: Bitmap(groups.lazy.map { self.seen[Int($0)] != 0 }))
  }
}
