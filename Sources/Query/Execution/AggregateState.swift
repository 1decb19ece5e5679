internal import Columnar
internal import Kernels

/// The partial aggregates of all groups for one call: one class for each kind, called once a batch.
class AggregateState {
  let call: AggregateCall
  /// For each group, how many of its rows were not passed on: those that a filter leaves out, or without a value.
  private var missed: [Int64] = []

  init(_ call: AggregateCall) { self.call = call }

  /// Notes that of rows only some were passed on.
  func miss(of rows: [UInt32], all groups: Int, passedOn: [UInt32]) {
    appendZeros(max(0, groups - missed.count), to: &missed)
    if groups == 1 {
      missed[0] += Int64(rows.count - passedOn.count)
      return
    }
    countGroups(rows.span, into: &missed)
    accumulate(passedOn, groups: passedOn, into: &missed) { place, _ in place &-= 1 }
  }

  /// Takes over what another state of the same call has missed.
  func mergeMissed(_ other: AggregateState, groups: [UInt32], all count: Int) {
    if other.missed.isEmpty { return }
    appendZeros(max(0, count - missed.count), to: &missed)
    for (group, rows) in zip(groups, other.missed) { missed[Int(group)] += rows }
  }

  /// How many rows of each of these groups were passed on.
  final func passedOn(_ groups: [UInt32], of rows: [Int64]) -> [Int64] {
    groups.map { rows[Int($0)] - (Int($0) < missed.count ? missed[Int($0)] : 0) }
  }

  /// Makes room for groups.
  func grow(to groups: Int) {}
  /// Takes in rows that all have a value in the first argument.
  ///
  /// - Parameter order: where each row stands in the input, for aggregates that depend on it.
  func update(_ arguments: [Vector], groups: [UInt32], order: [UInt64]) throws(QueryError) {}
  /// Takes in another state of the same call, whose group `i` is `groups[i]` here.
  func merge(_ other: AggregateState, groups: [UInt32]) throws(QueryError) {}
  /// The results of groups.
  ///
  /// - Parameter rows: how many rows each group of all has, those that were not passed on included.
  func finish(_ groups: [UInt32], rows: [Int64]) throws(QueryError) -> Vector { try finish(groups) }
  /// The results of groups, where it does not matter how many rows they have.
  func finish(_ groups: [UInt32]) throws(QueryError) -> Vector { .null(call.type) }
  /// About how many bytes are in use.
  var byteCount: Int { 0 }

  static func make(_ call: AggregateCall) -> AggregateState {
    if call.isDistinct {
      var inner = call
      inner.isDistinct = false
      inner.filter = nil
      return DistinctState(call, make(inner))
    }
    let layout = call.arguments.first?.type.layout
    switch call.function {
    case .countAll, .count, .countIf: return CountState(call)
    case .sum, .avg:
      return layout == .double ? DoubleSumState(call) : WholeSumState(call)
    case .product: return DoubleSumState(call)
    case .min, .max, .boolAnd, .boolOr:
      switch layout {
      case .double: return DoubleExtremeState(call)
      case .int, .flag: return WholeExtremeState(call)
      default: return ValueExtremeState(call)
      }
    case .stddevPop, .stddevSamp, .varPop, .varSamp, .corr, .covarPop, .covarSamp: return MomentState(call)
    case .approxCountDistinct:
      if layout != .other { return DistinctSketchState(call) }
      var inner = call
      inner.function = .count
      return DistinctState(call, CountState(inner))
    case .approxQuantile: return SampleState(call)
    case .bitAnd, .bitOr, .bitXor: return BitState(call)
    case .median, .quantileCont, .quantileDisc, .mode, .stringAgg, .list, .first, .last, .anyValue, .argMin, .argMax:
      return CollectingState(call)
    }
  }
}

/// `count(*)`, `count(x)`, `count_if(x)`.
final class CountState: AggregateState {
  /// Rows for which `count_if` holds.
  private var hits: [Int64] = []

  override func grow(to groups: Int) {
    if call.function == .countIf { appendZeros(max(0, groups - hits.count), to: &hits) }
  }

  override func update(_ arguments: [Vector], groups: [UInt32], order: [UInt64]) {
    guard call.function == .countIf, let flags = arguments.first?.expanded(to: groups.count).flags else { return }
    accumulate(flags, groups: groups, into: &hits) { $0 &+= Int64($1) }
  }

  override func merge(_ other: AggregateState, groups: [UInt32]) {
    guard let other = other as? CountState, call.function == .countIf else { return }
    for (index, group) in groups.enumerated() { hits[Int(group)] += other.hits[index] }
  }

  override func finish(_ groups: [UInt32], rows: [Int64]) -> Vector {
    let counts = passedOn(groups, of: rows)
    guard call.function == .countIf else { return Vector(call.type, .ints(counts)) }
    // `count_if` of no rows has no value.
    return Vector(
      call.type, .wides(groups.map { Int128(hits[Int($0)]) }), validity: Bitmap(counts.lazy.map { $0 > 0 }))
  }

  override var byteCount: Int { hits.count * 8 }
}

/// `sum` and `avg` of whole numbers and decimals.
final class WholeSumState: AggregateState {
  /// Sums of numbers of up to 32 bits fit 64 for two billion rows, and are moved to the wide ones before.
  private var sums: [Int64] = []
  private var wides: [Int128] = []
  private var rowsInSums = 0

  override func grow(to groups: Int) {
    appendZeros(max(0, groups - sums.count), to: &sums)
    appendZeros(max(0, groups - wides.count), to: &wides)
  }

  override func update(_ arguments: [Vector], groups: [UInt32], order: [UInt64]) throws(QueryError) {
    let vector = arguments[0].expanded(to: groups.count)
    rowsInSums += groups.count
    if rowsInSums >= 1 << 30 { flush() }
    switch vector.values {
    case .narrow(let list):
      if sums.count == 1 {
        sums[0] &+= sumInt32(list.span)
      } else {
        accumulate(list, groups: groups, into: &sums) { $0 &+= Int64($1) }
      }
    case .flags(let list): accumulate(list, groups: groups, into: &sums) { $0 &+= Int64($1) }
    case .wides(let list):
      var overflow = false
      accumulate(list, groups: groups, into: &wides) { sum, value in
        let (next, carry) = sum.addingReportingOverflow(value)
        sum = next
        overflow = overflow || carry
      }
      if overflow { throw Arithmetic.overflow }
    default: accumulate(vector.ints, groups: groups, into: &wides) { $0 &+= Int128($1) }
    }
  }

  private func flush() {
    for group in sums.indices where sums[group] != 0 {
      wides[group] += Int128(sums[group])
      sums[group] = 0
    }
    rowsInSums = 0
  }

  override func merge(_ other: AggregateState, groups: [UInt32]) throws(QueryError) {
    guard let other = other as? WholeSumState else { return }
    other.flush()
    for (index, group) in groups.enumerated() {
      let (sum, overflow) = wides[Int(group)].addingReportingOverflow(other.wides[index])
      if overflow { throw Arithmetic.overflow }
      wides[Int(group)] = sum
    }
  }

  override func finish(_ groups: [UInt32], rows: [Int64]) throws(QueryError) -> Vector {
    flush()
    let counts = passedOn(groups, of: rows)
    let validity = Bitmap(counts.lazy.map { $0 > 0 })
    if call.function == .avg {
      let scale = Double(Maths.tenTo(call.arguments[0].type.isDecimal ? call.arguments[0].type.digits?.scale ?? 0 : 0))
      let list = zip(groups, counts).map { Double(wides[Int($0)]) / Double($1) / scale }
      return Vector(.double, .doubles(list), validity: validity)
    }
    let (low, high) = call.type.wideBounds
    let list = groups.map { wides[Int($0)] }
    guard list.allSatisfy({ $0 >= low && $0 <= high }) else { throw Arithmetic.overflow }
    return Vector(call.type, .wides(list), validity: validity)
  }

  override var byteCount: Int { sums.count * 24 }
}

/// `sum`, `avg` and `product` of floating-point numbers.
final class DoubleSumState: AggregateState {
  private var sums: [Double] = []

  private var isProduct: Bool { call.function == .product }

  override func grow(to groups: Int) {
    appendRepeating(isProduct ? 1 : 0, count: max(0, groups - sums.count), to: &sums)
  }

  override func update(_ arguments: [Vector], groups: [UInt32], order: [UInt64]) {
    let list = arguments[0].expanded(to: groups.count).doubles
    if isProduct {
      accumulate(list, groups: groups, into: &sums) { $0 *= $1 }
    } else if sums.count == 1 {
      sums[0] += sumDouble(list.span)
    } else {
      accumulate(list, groups: groups, into: &sums) { $0 += $1 }
    }
  }

  override func merge(_ other: AggregateState, groups: [UInt32]) {
    guard let other = other as? DoubleSumState else { return }
    for (index, group) in groups.enumerated() {
      if isProduct { sums[Int(group)] *= other.sums[index] } else { sums[Int(group)] += other.sums[index] }
    }
  }

  override func finish(_ groups: [UInt32], rows: [Int64]) -> Vector {
    let counts = passedOn(groups, of: rows)
    let isAverage = call.function == .avg
    let list = zip(groups, counts).map { isAverage ? sums[Int($0)] / Double($1) : sums[Int($0)] }
    return Vector(call.type, .doubles(list), validity: Bitmap(counts.lazy.map { $0 > 0 }))
  }

  override var byteCount: Int { sums.count * 8 }
}
