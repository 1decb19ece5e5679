import Columnar

/// Counts rows and sums up where they came from, in any order: two sets of rows with equal sums are, as good as
/// certainly, the same. What a rewriting has read is held against what it has written before anything is committed.
struct OriginSum: Hashable, Sendable {
  private(set) var rows: Int64 = 0
  private var sum: UInt64 = 0

  mutating func add(_ batch: RecordBatch) {
    rows += Int64(batch.rowCount)
    guard case .int64(let offsets)? = batch.column("_kafka_offset")?.values.withoutDictionary() else { return }
    let partitions = narrow(batch.column("_kafka_partition"))
    let incarnations = narrow(batch.column("_kafka_incarnation"))
    for row in offsets.indices {
      var place = UInt64(UInt32(bitPattern: partitions?[row] ?? 0)) << 32
      place |= UInt64(UInt32(bitPattern: incarnations?[row] ?? 0))
      sum &+= Self.mixed(Self.mixed(place) ^ UInt64(bitPattern: offsets[row]))
    }
  }

  private func narrow(_ column: Column?) -> [Int32]? {
    if case .int32(let list)? = column?.values.withoutDictionary() { list } else { nil }
  }

  /// Spreads a number over all bits, so that sums of different sets differ.
  private static func mixed(_ number: UInt64) -> UInt64 {
    var value = number &+ 0x9E37_79B9_7F4A_7C15
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }
}
