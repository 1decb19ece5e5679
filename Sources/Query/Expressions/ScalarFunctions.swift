internal import Columnar
internal import Kernels

extension ScalarFunction {
  /// The longest text that a function makes, in bytes.
  static let longestText = 16 << 20

  /// Applies the function to arguments of the types that the binder has settled.
  func apply(_ arguments: [Vector], _ type: SQLType, count: Int) throws(QueryError) -> Vector {
    switch self {
    case .length, .strlen, .upper, .lower, .trim, .ltrim, .rtrim, .substring, .left, .right, .replace, .concat,
      .concat_ws, .starts_with, .ends_with, .contains, .strpos, .reverse, .lpad, .rpad, .split_part, .repeat, .ascii,
      .chr, .md5:
      return try texts(arguments, type, count)
    case .date_trunc, .date_part, .date_diff, .date_add, .time_bucket, .epoch_ms, .epoch_us, .to_timestamp, .make_date,
      .last_day, .dayname, .monthname, .make_timestamp:
      return try TimeFunctions.apply(self, arguments, type, count)
    case .regexp_matches, .regexp_full_match, .regexp_extract, .regexp_replace, .strftime, .strptime, .try_strptime:
      return try patterns(arguments, type, count)
    case .string_split: return try split(arguments, type, count)
    case .list_slice where arguments[0].type == .text: return try sliced(arguments, count)
    case .list_contains, .list_position, .list_slice, .list_sort, .list_reverse_sort, .list_reverse, .list_distinct,
      .list_concat, .array_to_string:
      return try ListFunctions.apply(self, arguments, type, count)
    case .hash: return hashed(arguments, type, count)
    case .greatest, .least: return extreme(arguments, type, count)
    case .nullif:
      let same = Comparison.apply(.equal, arguments[0], arguments[1], count: count)
      var flags = same.flags
      if let validity = same.validity { clearFlags(&flags, where: validity.words.span) }
      var result = arguments[0].expanded(to: count)
      result.validity = Bitmap.both(
        result.validity, Bitmap(words: packFlags(mapElements(flags) { $0 ^ 1 }.span), count: count))
      return result
    case .len: return NestedValues.length(arguments[0])
    case .list_value: return try NestedValues.list(arguments, type, count: count)
    case .struct_pack: return NestedValues.structure(arguments, type, count: count)
    default: return try numbers(arguments, type, count)
    }
  }

  /// One number for the values of a row; a missing one counts as a value of its own.
  private func hashed(_ arguments: [Vector], _ type: SQLType, _ count: Int) -> Vector {
    var hashes = [UInt64](repeating: 0, count: count)
    for argument in arguments {
      let argument = argument.expanded(to: count)
      for (row, hash) in ValueHashes.of(argument).enumerated() {
        hashes[row] = ValueHashes.mixed(hashes[row] ^ (argument.isValid(row) ? hash : 0))
      }
    }
    return Vector(type, .wides(hashes.map { Int128($0) }))
  }

  private func extreme(_ arguments: [Vector], _ type: SQLType, _ count: Int) -> Vector {
    var best = arguments[0].expanded(to: count)
    for other in arguments.dropFirst() {
      let other = other.expanded(to: count)
      let wins = Comparison.apply(self == .greatest ? .greater : .less, other, best, count: count).flags
      // A null loses against everything.
      let rows = (0..<count).map { row -> UInt32 in
        let isBetter = other.isValid(row) && (!best.isValid(row) || wins[row] != 0)
        return UInt32(isBetter ? count + row : row)
      }
      if let both = try? Vector.joined([best, other], counts: [count, count], type: type) { best = both.taking(rows) }
    }
    return best
  }

  // MARK: Numbers

  private func numbers(_ arguments: [Vector], _ type: SQLType, _ count: Int) throws(QueryError) -> Vector {
    let validity = Vector.validity(of: arguments, count: count)
    if self == .pi { return Vector(constant: .double(.pi), .double) }
    let a = arguments[0]
    switch (self, a.type.layout) {
    case (.isnan, _): return Vector(type, .flags(mapElements(a.doubles) { $0.isNaN ? 1 : 0 }), validity: validity)
    case (.isinf, _): return Vector(type, .flags(mapElements(a.doubles) { $0.isInfinite ? 1 : 0 }), validity: validity)
    case (.isfinite, _): return Vector(type, .flags(mapElements(a.doubles) { $0.isFinite ? 1 : 0 }), validity: validity)
    case (.abs, .int):
      guard !foldsToTrue(a.ints, { $0 == type.integerBounds.low && $0 < 0 }) else { throw Arithmetic.overflow }
      return Vector(type, .ints(mapElements(a.ints) { $0 < 0 ? 0 &- $0 : $0 }), validity: validity)
    case (.abs, .wide): return Vector(type, .wides(a.wides.map { $0 < 0 ? 0 &- $0 : $0 }), validity: validity)
    case (.abs, _): return Vector(type, .doubles(mapElements(a.doubles) { $0.magnitude }), validity: validity)
    case (.sign, .int): return Vector(type, .ints(mapElements(a.ints) { $0.signum() }), validity: validity)
    case (.sign, .wide): return Vector(type, .ints(a.wides.map { Int64($0.signum()) }), validity: validity)
    case (.sign, _):
      return Vector(type, .ints(mapElements(a.doubles) { $0 > 0 ? 1 : $0 < 0 ? -1 : 0 }), validity: validity)
    case (.gcd, _):
      let list = zipElements(a.ints, arguments[1].ints, count: count) { first, second -> Int64 in
        var (x, y) = (first.magnitude, second.magnitude)
        while y != 0 { (x, y) = (y, x % y) }
        return Int64(truncatingIfNeeded: x)
      }
      return Vector(type, .ints(list), validity: validity)
    case (.atan2, _):
      let list = zipElements(a.doubles, arguments[1].doubles, count: count) { Maths.arcTangent($0, $1) }
      return Vector(type, .doubles(list), validity: validity)
    case (.round, _), (.floor, .wide), (.ceil, .wide), (.trunc, .wide): return try rounded(arguments, type, count)
    default: return try unary(a, type, validity)
    }
  }

  private func foldsToTrue(_ list: [Int64], _ body: (Int64) -> Bool) -> Bool { list.contains(where: body) }

  private func unary(_ a: Vector, _ type: SQLType, _ validity: Bitmap?) throws(QueryError) -> Vector {
    guard let function = Maths.unary(self) else { throw QueryError(.notSupported, "the function \(rawValue)") }
    let list = a.doubles.map(function)
    return Vector(type, .doubles(type == .float ? list.map { Double(Float($0)) } : list), validity: validity)
  }

  /// `round(x, digits)`, and what drops the digits behind the point of a decimal.
  private func rounded(_ arguments: [Vector], _ type: SQLType, _ count: Int) throws(QueryError) -> Vector {
    let a = arguments[0]
    let validity = Vector.validity(of: arguments, count: count)
    switch a.type.layout {
    case .wide:
      let (from, to) = (a.type.digits?.scale ?? 0, type.digits?.scale ?? 0)
      guard from > to else { return a.withType(type) }
      let factor = Maths.tenTo(from - to)
      let function = self
      let list = a.wides.map { value -> Int128 in
        switch function {
        case .floor: value.floorDivided(by: factor)
        case .ceil: 0 - (0 - value).floorDivided(by: factor)
        case .trunc: value / factor
        default: Maths.divideRounding(value, by: factor)
        }
      }
      return Vector(type, .wides(list), validity: validity)
    case .int:
      guard arguments.count > 1, arguments[1].ints.contains(where: { $0 < 0 }) else { return a.withType(type) }
      let (low, high) = type.wideBounds
      let list = zipElements(a.ints, arguments[1].ints, count: count) { value, digits -> Int128 in
        guard digits < 0 else { return Int128(value) }
        guard digits > -20 else { return 0 }
        let factor = Maths.tenTo(Int(-digits))
        return Maths.divideRounding(Int128(value), by: factor) * factor
      }
      guard list.allSatisfy({ $0 >= low && $0 <= high }) else { throw Arithmetic.overflow }
      return Vector(type, .ints(list.map { Int64(truncatingIfNeeded: $0) }), validity: validity)
    default:
      let digits = arguments.count > 1 ? arguments[1].ints : [0]
      let list = zipElements(a.doubles, digits, count: count) { value, digits -> Double in
        guard value.isFinite, digits > -300, digits < 300 else { return value }
        if digits == 0 { return value.rounded(.toNearestOrAwayFromZero) }
        let factor = Maths.power(10, Double(digits.magnitude))
        let scaled =
          digits > 0
          ? (value * factor).rounded(.toNearestOrAwayFromZero) / factor
          : (value / factor).rounded(.toNearestOrAwayFromZero) * factor
        return scaled.isFinite ? scaled : value
      }
      return Vector(type, .doubles(type == .float ? list.map { Double(Float($0)) } : list), validity: validity)
    }
  }
}
