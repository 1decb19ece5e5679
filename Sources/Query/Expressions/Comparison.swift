internal import Columnar
internal import Kernels

/// Comparisons of values of one type. NaN equals itself and is greater than all other numbers.
enum Comparison {
  static func apply(_ operation: Operation, _ a: Vector, _ b: Vector, count: Int) -> Vector {
    let isDistinct = operation == .isDistinct || operation == .isNotDistinct
    var flags = compare(isDistinct ? .equal : operation, a, b, count: count)
    if isDistinct {
      let (left, right) = (validFlags(a), validFlags(b))
      // Equal where both have a value and the same one, or neither has.
      let both = zipElements(left, right, count: count) { $0 & $1 }
      let neither = zipElements(left, right, count: count) { ($0 | $1) ^ 1 }
      flags = zipElements(zipElements(flags, both, count: count) { $0 & $1 }, neither, count: count) { $0 | $1 }
      if operation == .isDistinct { flags = mapElements(flags) { $0 ^ 1 } }
      return Vector(.boolean, .flags(flags))
    }
    return Vector(.boolean, .flags(flags), validity: Vector.validity(of: [a, b], count: count))
  }

  private static func validFlags(_ vector: Vector) -> [UInt8] {
    guard let validity = vector.validity else { return [1] }
    return unpackFlags(validity.words.span, count: validity.count)
  }

  private static func compare(_ operation: Operation, _ a: Vector, _ b: Vector, count: Int) -> [UInt8] {
    switch (a.values, b.values) {
    case (.narrow(let list), .ints(let one)) where b.isConstant && Int64(Int32(truncatingIfNeeded: one[0])) == one[0]:
      return ordered(operation, list, [Int32(truncatingIfNeeded: one[0])], count)
    case (.narrow(let list), .narrow(let other)): return ordered(operation, list, other, count)
    case (.flags(let list), .flags(let other)): return ordered(operation, list, other, count)
    case (.ints, _), (.narrow, _): return ordered(operation, a.ints, b.ints, count)
    case (.wides, _): return ordered(operation, a.wides, b.wides, count)
    case (.doubles(let list), .doubles(let other)): return floating(operation, list, other, count)
    case (.intervals(let list), .intervals(let other)):
      return ordered(operation, list.map(\.approximateMicros), other.map(\.approximateMicros), count)
    case (.bytes, _), (.coded, _):
      let (mine, theirs) = (a.strings, b.strings)
      let signs = compareByteStrings(
        mine.offsets.span, mine.bytes.span, with: theirs.offsets.span, theirs.bytes.span, count: count)
      return ordered(operation, signs, [0], count)
    default:
      // The binder compares nested values with nothing but by their rows' scalars.
      return nested(operation, a, b, count)
    }
  }

  @inline(__always)
  private static func ordered<T: Comparable & BitwiseCopyable>(
    _ operation: Operation, _ a: [T], _ b: [T], _ count: Int
  ) -> [UInt8] {
    switch operation {
    case .equal: zipElements(a, b, count: count) { flag($0 == $1) }
    case .notEqual: zipElements(a, b, count: count) { flag($0 != $1) }
    case .less: zipElements(a, b, count: count) { flag($0 < $1) }
    case .lessOrEqual: zipElements(a, b, count: count) { flag($0 <= $1) }
    case .greater: zipElements(a, b, count: count) { flag($0 > $1) }
    default: zipElements(a, b, count: count) { flag($0 >= $1) }
    }
  }

  private static func floating(_ operation: Operation, _ a: [Double], _ b: [Double], _ count: Int) -> [UInt8] {
    switch operation {
    case .equal: zipElements(a, b, count: count) { flag($0 == $1) | (flag($0 != $0) & flag($1 != $1)) }
    case .notEqual: zipElements(a, b, count: count) { flag($0 != $1) & ((flag($0 != $0) & flag($1 != $1)) ^ 1) }
    case .less: zipElements(a, b, count: count) { flag($0 < $1) | (flag($0 == $0) & flag($1 != $1)) }
    case .lessOrEqual: zipElements(a, b, count: count) { flag($0 <= $1) | flag($1 != $1) }
    case .greater: zipElements(a, b, count: count) { flag($0 > $1) | (flag($0 != $0) & flag($1 == $1)) }
    default: zipElements(a, b, count: count) { flag($0 >= $1) | flag($0 != $0) }
    }
  }

  private static func nested(_ operation: Operation, _ a: Vector, _ b: Vector, _ count: Int) -> [UInt8] {
    guard case .other(let left) = a.values, case .other(let right) = b.values else {
      return Array(repeating: 0, count: count)
    }
    return (0..<count).map { row in
      let equal =
        left.values.scalar(at: a.isConstant ? 0 : row, type: left.type)
        == right.values.scalar(at: b.isConstant ? 0 : row, type: right.type)
      return (operation == .equal) == equal ? 1 : 0
    }
  }
}

/// `IN` with values that are known: the first argument against constants.
enum Membership {
  static func apply(_ arguments: [Vector], count: Int) -> Vector {
    let value = arguments[0]
    var found = [UInt8](repeating: 0, count: count)
    var hasNull = false
    var isVaryingNull: Bitmap?
    if arguments.count > 8, let set = hashed(arguments) {
      found = (0..<count).map { set.values.contains(value.value(at: $0)) ? 1 : 0 }
      hasNull = set.hasNull
    } else {
      for item in arguments.dropFirst() {
        if item.isConstant, !item.isValid(0) {
          hasNull = true
          continue
        }
        let equal = Comparison.apply(.equal, value, item, count: count)
        var flags = equal.flags
        if let validity = item.isConstant ? nil : item.validity {
          clearFlags(&flags, where: validity.words.span)
          isVaryingNull = Bitmap.both(isVaryingNull, validity)
        }
        found = zipElements(found, flags, count: count) { $0 | $1 }
      }
    }
    var validity =
      value.isConstant && count != 1
      ? (value.isValid(0) ? nil : Bitmap(repeating: false, count: count)) : value.validity
    if hasNull || isVaryingNull != nil {
      // Not found where a null is among the items: unknown.
      let words = isVaryingNull?.words ?? []
      let known = zipElements(found, hasNull ? [0] : unpackFlags(words.span, count: count), count: count) { $0 | $1 }
      validity = Bitmap.both(validity, Bitmap(words: packFlags(known.span), count: count))
    }
    return Vector(.boolean, .flags(found), validity: validity)
  }

  private static func hashed(_ arguments: [Vector]) -> (values: Set<Value>, hasNull: Bool)? {
    guard arguments.dropFirst().allSatisfy(\.isConstant), arguments[0].type.layout != .double else { return nil }
    var values: Set<Value> = []
    var hasNull = false
    for item in arguments.dropFirst() {
      let value = item.value(at: 0)
      if value == .null { hasNull = true } else { values.insert(value) }
    }
    return (values, hasNull)
  }
}
