internal import Columnar
internal import Kernels

/// 64-bit hashes of values; equal values have equal ones.
enum ValueHashes {
  /// The hash of each stored value of a vector, which is not of a nested type.
  static func of(_ vector: Vector) -> [UInt64] {
    switch vector.values {
    case .flags(let list): return mapElements(list) { mixed(UInt64($0)) }
    case .narrow(let list): return mapElements(list) { mixed(UInt64(bitPattern: Int64($0))) }
    case .ints(let list): return mapElements(list) { mixed(UInt64(bitPattern: $0)) }
    case .doubles(let list):
      return mapElements(list) { mixed($0 == 0 ? 0 : $0.isNaN ? Double.nan.bitPattern : $0.bitPattern) }
    case .wides(let list): return list.map(wide)
    case .intervals(let list): return list.map { wide($0.approximateMicros) }
    case .bytes(let strings): return hashes(strings)
    case .coded(let codes, let dictionary):
      let own = hashes(dictionary.strings)
      return codes.map { own[Int($0)] }
    case .other(let column): return Array(repeating: 0, count: column.count)
    }
  }

  private static func hashes(_ strings: ByteStrings) -> [UInt64] {
    var result: [UInt64] = []
    unsafe appendHashes(
      ofStrings: strings.offsets.span, bytes: strings.bytes.span.bytes, rows: 0..<strings.count, to: &result)
    return result
  }

  private static func wide(_ value: Int128) -> UInt64 {
    mixed(UInt64(truncatingIfNeeded: value) ^ mixed(UInt64(truncatingIfNeeded: value >> 64)))
  }

  /// Spreads what differs in few bits over all of them.
  @inline(__always)
  static func mixed(_ value: UInt64) -> UInt64 {
    var bits = value &+ 0x9E37_79B9_7F4A_7C15
    bits = (bits ^ (bits &>> 30)) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ (bits &>> 27)) &* 0x94D0_49BB_1331_11EB
    return bits ^ (bits &>> 31)
  }
}

/// `approx_count_distinct` by HyperLogLog (Flajolet and others, 2007): of the hashes that begin with the same eleven
/// bits, how many zeros follow at most. The standard error is 2.3 %; up to 256 values are counted exactly.
final class DistinctSketchState: AggregateState {
  private static let indexBits: UInt64 = 11
  private static let registerCount = 1 << 11
  private static let mostExact = 256

  private enum Sketch {
    /// The distinct hashes themselves.
    case exact(Set<UInt64>)
    case registers([UInt8])
  }

  private var sketches: [Sketch] = []
  private var bytes = 0

  override func grow(to groups: Int) {
    sketches.append(contentsOf: repeatElement(.exact([]), count: max(0, groups - sketches.count)))
  }

  override func update(_ arguments: [Vector], groups: [UInt32], order: [UInt64]) {
    let hashes = ValueHashes.of(arguments[0].expanded(to: groups.count))
    for (hash, group) in zip(hashes, groups) { add(hash, Int(group)) }
  }

  private func add(_ hash: UInt64, _ group: Int) {
    switch sketches[group] {
    case .exact(var known):
      if known.contains(hash) { return }
      // Taken out while it changes, so that it is not copied.
      sketches[group] = .exact([])
      known.insert(hash)
      bytes += 16
      if known.count <= Self.mostExact {
        sketches[group] = .exact(known)
        return
      }
      var registers = [UInt8](repeating: 0, count: Self.registerCount)
      for hash in known { Self.note(hash, in: &registers) }
      bytes += Self.registerCount - 16 * known.count
      sketches[group] = .registers(registers)
    case .registers(var registers):
      let (index, rank) = Self.place(of: hash)
      if registers[index] >= rank { return }
      sketches[group] = .exact([])
      registers[index] = rank
      sketches[group] = .registers(registers)
    }
  }

  private static func place(of hash: UInt64) -> (index: Int, rank: UInt8) {
    let rest = hash << indexBits | 1 << (indexBits - 1)
    return (Int(hash >> (64 - indexBits)), UInt8(rest.leadingZeroBitCount + 1))
  }

  private static func note(_ hash: UInt64, in registers: inout [UInt8]) {
    let (index, rank) = place(of: hash)
    registers[index] = max(registers[index], rank)
  }

  override func merge(_ other: AggregateState, groups: [UInt32]) {
    guard let other = other as? DistinctSketchState else { return }
    for (index, group) in groups.enumerated() {
      switch other.sketches[index] {
      case .exact(let hashes): for hash in hashes { add(hash, Int(group)) }
      case .registers(let theirs):
        var mine = [UInt8](repeating: 0, count: Self.registerCount)
        switch sketches[Int(group)] {
        case .exact(let hashes): for hash in hashes { Self.note(hash, in: &mine) }
        case .registers(let own): mine = own
        }
        sketches[Int(group)] = .registers(zipElements(mine, theirs, count: mine.count) { max($0, $1) })
      }
    }
  }

  private static func estimate(_ sketch: Sketch) -> Int64 {
    switch sketch {
    case .exact(let hashes): return Int64(hashes.count)
    case .registers(let registers):
      let count = Double(registerCount)
      let sum = registers.reduce(0.0) { $0 + 1 / Double(UInt64(1) << UInt64($1)) }
      let raw = 0.7213 / (1 + 1.079 / count) * count * count / sum
      let empty = registers.count { $0 == 0 }
      // Where many registers are empty their number says more.
      return Int64((raw <= 2.5 * count && empty > 0 ? count * Maths.ln(count / Double(empty)) : raw).rounded())
    }
  }

  override func finish(_ groups: [UInt32]) -> Vector {
    Vector(call.type, .ints(groups.map { Self.estimate(sketches[Int($0)]) }))
  }

  override var byteCount: Int { sketches.count * 16 + bytes }
}

/// Quantiles of a sample of fixed size: the rows whose places have the lowest hashes, so that the same rows are chosen
/// however the work is shared. Exact for groups that are not larger than the sample.
final class SampleState: AggregateState {
  private static let size = 1 << 14

  private struct Sample {
    var rows: [(priority: UInt64, value: Double)] = []
    /// Rows beyond it cannot be among the chosen.
    var bound = UInt64.max

    mutating func add(_ priority: UInt64, _ value: Double) {
      if priority > bound { return }
      rows.append((priority, value))
      if rows.count >= 2 * SampleState.size { cut() }
    }

    mutating func cut() {
      guard rows.count > SampleState.size else { return }
      rows.sort { $0.priority < $1.priority }
      rows.removeSubrange(SampleState.size...)
      bound = rows[SampleState.size - 1].priority
    }
  }

  private var samples: [Sample] = []

  override func grow(to groups: Int) {
    samples.append(contentsOf: repeatElement(Sample(), count: max(0, groups - samples.count)))
  }

  override func update(_ arguments: [Vector], groups: [UInt32], order: [UInt64]) {
    let list = arguments[0].expanded(to: groups.count).doubles
    for (row, group) in groups.enumerated() { samples[Int(group)].add(ValueHashes.mixed(order[row]), list[row]) }
  }

  override func merge(_ other: AggregateState, groups: [UInt32]) {
    guard let other = other as? SampleState else { return }
    for (index, group) in groups.enumerated() {
      for row in other.samples[index].rows { samples[Int(group)].add(row.priority, row.value) }
    }
  }

  override func finish(_ groups: [UInt32]) -> Vector {
    guard case .double(let fraction) = call.parameter else { return .null(call.type) }
    let list = groups.map { group -> Double? in
      var sample = samples[Int(group)]
      sample.cut()
      if sample.rows.isEmpty { return nil }
      let sorted = sample.rows.map(\.value).sorted { $0 < $1 || ($1.isNaN && !$0.isNaN) }
      return sorted[Quantiles.position(sorted.count, fraction)]
    }
    return Vector(call.type, .doubles(list.map { $0 ?? 0 }), validity: Bitmap(list.lazy.map { $0 != nil }))
  }

  override var byteCount: Int { samples.reduce(0) { $0 + 16 * $1.rows.count } }
}
