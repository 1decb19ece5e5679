internal import Columnar
internal import Kernels

/// Aggregates that need all values of a group together: quantiles, `mode`, `first`, `string_agg`, `arg_max` and such.
final class CollectingState: AggregateState {
  private var parts: [[Vector]] = []
  private var counts: [Int] = []
  private var groups: [UInt32] = []
  private var order: [UInt64] = []
  private var bytes = 0

  override func update(_ arguments: [Vector], groups: [UInt32], order: [UInt64]) {
    let part = arguments.map { $0.expanded(to: groups.count) }
    parts.append(part)
    counts.append(groups.count)
    self.groups += groups
    self.order += order
    bytes += part.reduce(12 * groups.count) { $0 + $1.byteCount }
  }

  override func merge(_ other: AggregateState, groups: [UInt32]) {
    guard let other = other as? CollectingState else { return }
    parts += other.parts
    counts += other.counts
    self.groups += other.groups.map { groups[Int($0)] }
    order += other.order
    bytes += other.bytes
  }

  override var byteCount: Int { bytes }

  override func finish(_ wanted: [UInt32]) throws(QueryError) -> Vector {
    let argumentCount = call.arguments.count + call.order.count
    guard !groups.isEmpty else { return Vector.null(call.type).expanded(to: wanted.count) }
    var columns: [Vector] = []
    let types = call.arguments.map(\.type) + call.order.map(\.expression.type)
    for index in 0..<argumentCount {
      columns.append(try Vector.joined(parts.map { $0[index] }, counts: counts, type: types[index]))
    }
    // The rows of each group, in the order of the call or else of the input.
    var keys: [(Vector, isDescending: Bool, nullsFirst: Bool)] = []
    for (index, key) in call.order.enumerated() {
      keys.append((columns[call.arguments.count + index], key.isDescending, key.nullsFirst))
    }
    switch call.function {
    case .median, .quantileCont, .quantileDisc: keys = [(columns[0], false, false)]
    case .argMin: keys = [(columns[1], false, false)]
    case .argMax: keys = [(columns[1], true, false)]
    default: break
    }
    let sorter = RowOrder(keys, count: groups.count)
    let (groups, order) = (groups, order)
    let rows = (0..<UInt32(groups.count)).sorted { a, b in
      if groups[Int(a)] != groups[Int(b)] { return groups[Int(a)] < groups[Int(b)] }
      let comparison = sorter.compare(Int(a), Int(b))
      return comparison == 0 ? order[Int(a)] < order[Int(b)] : comparison < 0
    }
    var ranges: [UInt32: Range<Int>] = [:]
    var start = 0
    for index in 1...rows.count
    where index == rows.count || groups[Int(rows[index])] != groups[Int(rows[start])] {
      ranges[groups[Int(rows[start])]] = start..<index
      start = index
    }
    return try results(columns, wanted.map { rows[ranges[$0] ?? 0..<0] })
  }

  /// A list of each group's values; of no rows there is none.
  private func lists(_ values: Vector, _ groups: [ArraySlice<UInt32>]) throws(QueryError) -> Vector {
    guard case .other(let dataType) = call.type, case .list(let field) = dataType else { return .null(call.type) }
    var ends: [Int32] = [0]
    var rows: [UInt32] = []
    for group in groups {
      rows += group
      guard let end = Int32(exactly: rows.count) else { throw QueryError(.limit, "lists of more than 2 billion items") }
      ends.append(end)
    }
    let validity = Bitmap(groups.lazy.map { !$0.isEmpty })
    let items = values.withoutCodes.taking(rows).column(field.type)
    return Vector(
      call.type, .other(Column(type: dataType, values: .list(offsets: ends, items: items), validity: validity)),
      validity: validity)
  }

  private func results(_ columns: [Vector], _ groups: [ArraySlice<UInt32>]) throws(QueryError) -> Vector {
    let values = columns[0]
    switch call.function {
    case .quantileCont: return Quantiles.continuous(values, groups, fraction, call.type)
    case .quantileDisc:
      return pick(
        values,
        groups.map { rows in
          rows.isEmpty ? nil : rows[rows.startIndex + Quantiles.position(rows.count, fraction)]
        })
    case .list: return try lists(values, groups)
    case .stringAgg:
      guard case .bytes(let separator) = call.parameter else { return .null(.text) }
      let strings = values.strings
      var result = ByteStrings()
      for rows in groups {
        result.append(rows.map { Array(strings[Int($0)]) }.joined(separator: separator))
        guard result.bytes.count < Int(Int32.max) / 2 else { throw QueryError(.limit, "string_agg of more than 1 GiB") }
      }
      return Vector(.text, .bytes(result), validity: Bitmap(groups.lazy.map { !$0.isEmpty }))
    case .mode:
      return pick(
        values,
        groups.map { rows in
          var counts: [Value: (count: Int, first: UInt32)] = [:]
          for row in rows { counts[values.value(at: Int(row)), default: (0, row)].count += 1 }
          return counts.values.max { ($0.count, $1.first) < ($1.count, $0.first) }?.first
        })
    case .last: return pick(values, groups.map(\.last))
    case .argMin, .argMax:
      return pick(values, groups.map { rows in rows.first { columns[1].isValid(Int($0)) } })
    default: return pick(values, groups.map(\.first))
    }
  }

  private var fraction: Double {
    if case .double(let fraction) = call.parameter { return fraction }
    return 0.5
  }

  /// The values of rows; no row gives null.
  private func pick(_ values: Vector, _ rows: [UInt32?]) -> Vector {
    var result = values.taking(rows.map { $0 ?? 0 })
    result.validity = Bitmap.both(result.validity, Bitmap(rows.lazy.map { $0 != nil }))
    return result
  }
}

/// Quantiles of sorted rows.
enum Quantiles {
  /// The row of a discrete quantile.
  static func position(_ count: Int, _ fraction: Double) -> Int {
    max(0, min(count - 1, Int((Double(count) * fraction).rounded(.up)) - 1))
  }

  /// Between the two rows nearest to the fraction, by their distance from it.
  static func continuous(
    _ values: Vector, _ groups: [ArraySlice<UInt32>], _ fraction: Double, _ type: SQLType
  ) -> Vector {
    let validity = Bitmap(groups.lazy.map { !$0.isEmpty })
    func bounds(_ rows: ArraySlice<UInt32>) -> (low: Int, high: Int, rest: Double) {
      let place = Double(rows.count - 1) * fraction
      let low = Int(place.rounded(.down))
      let high = Int(place.rounded(.up))
      return (Int(rows[rows.startIndex + low]), Int(rows[rows.startIndex + high]), place - Double(low))
    }
    switch type.layout {
    case .double:
      let list = values.doubles
      let result = groups.map { rows -> Double in
        if rows.isEmpty { return 0 }
        let (low, high, rest) = bounds(rows)
        return low == high ? list[low] : list[low] + (list[high] - list[low]) * rest
      }
      return Vector(type, .doubles(type == .float ? result.map { Double(Float($0)) } : result), validity: validity)
    case .wide:
      let list = values.wides
      return Vector(
        type,
        .wides(
          groups.map { rows -> Int128 in
            if rows.isEmpty { return 0 }
            let (low, high, rest) = bounds(rows)
            return list[low] + Int128((Double(list[high] - list[low]) * rest).rounded(.towardZero))
          }), validity: validity)
    default:
      let list = values.ints
      return Vector(
        type,
        .ints(
          groups.map { rows -> Int64 in
            if rows.isEmpty { return 0 }
            let (low, high, rest) = bounds(rows)
            return list[low] &+ Int64((Double(list[high] &- list[low]) * rest).rounded(.towardZero))
          }), validity: validity)
    }
  }
}

/// Passes each distinct value of a group on once.
final class DistinctState: AggregateState {
  private let inner: AggregateState
  private var values: KeyNumbering
  private var pairs = PatternNumbering()
  /// For each group, how many rows the inner state was given.
  private var passed: [Int64] = []
  /// What else those rows have beside the distinct value, such as the keys of an order, batch by batch.
  private var others: [[Vector]] = []
  private var otherCounts: [Int] = []

  init(_ call: AggregateCall, _ inner: AggregateState) {
    self.inner = inner
    values = KeyNumbering(type: call.arguments[0].type)
    super.init(call)
  }

  override func grow(to groups: Int) {
    appendZeros(max(0, groups - passed.count), to: &passed)
    inner.grow(to: groups)
  }

  override func update(_ arguments: [Vector], groups: [UInt32], order: [UInt64]) throws(QueryError) {
    let numbers = try values.number(arguments[0], count: groups.count)
    let known = UInt32(pairs.keys.count)
    let codes = pairs.number(Kernels.pairs(groups.span, numbers.span))
    var next = known
    var fresh: [UInt32] = []
    for (row, code) in codes.enumerated() where code == next {
      fresh.append(UInt32(row))
      next += 1
    }
    guard !fresh.isEmpty else { return }
    for row in fresh { passed[Int(groups[Int(row)])] += 1 }
    let rows = arguments.map { $0.isConstant ? $0.expanded(to: groups.count).taking(fresh) : $0.taking(fresh) }
    if rows.count > 1 {
      others.append(Array(rows.dropFirst()))
      otherCounts.append(fresh.count)
    }
    try inner.update(
      rows, groups: fresh.map { groups[Int($0)] }, order: fresh.map { order.isEmpty ? 0 : order[Int($0)] })
  }

  override func merge(_ other: AggregateState, groups: [UInt32]) throws(QueryError) {
    guard let other = other as? DistinctState, !other.pairs.keys.isEmpty else { return }
    var rows = [try other.values.values(other.pairs.keys.map { UInt32(truncatingIfNeeded: $0) })]
    let types = call.arguments.map(\.type) + call.order.map(\.expression.type)
    for index in 0..<(other.others.first?.count ?? 0) {
      rows.append(
        try Vector.joined(other.others.map { $0[index] }, counts: other.otherCounts, type: types[index + 1]))
    }
    try update(
      rows, groups: other.pairs.keys.map { groups[Int($0 >> 32)] },
      order: Array(repeating: 0, count: other.pairs.keys.count))
  }

  override func finish(_ groups: [UInt32]) throws(QueryError) -> Vector { try inner.finish(groups, rows: passed) }

  override var byteCount: Int {
    passed.count * 8 + values.byteCount + pairs.byteCount + inner.byteCount
      + others.joined().reduce(0) { $0 + $1.byteCount }
  }
}
