internal import Columnar
internal import Kernels

/// The levels of the page that is being filled.
///
/// A flat optional column keeps one bit a row, and none at all before its first null; every other column that has
/// levels keeps a byte a slot. Both become runs and bit-packed groups of `ceil(log2(max + 1))` bits.
struct LevelBuffer: Sendable {
  private let maxDefinition: Int
  private let maxRepetition: Int
  /// Validity of the rows of a flat optional column, once one of them is null.
  private var validity: Bitmap?
  private var definition: [UInt8] = []
  private var repetition: [UInt8] = []
  /// Values of the page, nulls and empty lists included.
  private(set) var slots = 0
  /// Rows that begin in the page.
  private(set) var rows = 0
  /// Slots without a value.
  private(set) var nulls = 0

  /// Starts an empty page.
  init(_ column: LeafColumn) {
    maxDefinition = column.maxDefinitionLevel
    maxRepetition = column.maxRepetitionLevel
  }

  private var usesBits: Bool { maxDefinition == 1 && maxRepetition == 0 }

  /// Bytes that the levels take in memory.
  var byteCount: Int { definition.count + repetition.count + (validity?.count ?? 0) / 8 }

  /// Adds rows of a column without lists; `validity` is `nil` where each has a value.
  mutating func append(rows range: Range<Int>, validity bits: Bitmap?, validCount: Int) {
    if !usesBits {
      precondition(bits == nil && maxRepetition == 0, "levels of a nested column")
      if maxDefinition > 0 { appendRepeating(UInt8(maxDefinition), count: range.count, to: &definition) }
    } else if let bits {
      var own = validity ?? Bitmap(repeating: true, count: rows)
      validity = nil
      own.append(bits, range: range)
      validity = own
      nulls += range.count - validCount
    } else {
      validity?.append(repeating: true, count: range.count)
    }
    rows += range.count
    slots += range.count
  }

  /// Adds slots of a nested column, whole rows of them.
  mutating func append(_ leaf: LeafRows, slots range: Range<Int>, rows added: Int, valueCount: Int) {
    let isFull = valueCount == range.count
    if usesBits {
      var own = validity ?? Bitmap(repeating: true, count: rows)
      if !isFull || validity != nil {
        validity = nil
        for slot in range { own.append(leaf.definition[slot] == 1) }
        validity = own
      }
    } else {
      if maxDefinition > 0 { definition.append(contentsOf: leaf.definition[range]) }
      if maxRepetition > 0 { repetition.append(contentsOf: leaf.repetition[range]) }
    }
    nulls += range.count - valueCount
    rows += added
    slots += range.count
  }

  /// Adds the encoded repetition levels, nothing where there are none.
  func encodeRepetition(into output: inout [UInt8]) {
    if maxRepetition > 0 { encode(repetition, max: maxRepetition, into: &output) }
  }

  /// Adds the encoded definition levels, nothing where there are none.
  func encodeDefinition(into output: inout [UInt8]) {
    guard maxDefinition > 0 else { return }
    if let validity {
      encodeHybridBits(validity, appendingTo: &output)
    } else if nulls == 0 {
      encodeRun(UInt32(maxDefinition), count: slots, width: Self.width(maxDefinition), appendingTo: &output)
    } else {
      encode(definition, max: maxDefinition, into: &output)
    }
  }

  private func encode(_ levels: [UInt8], max: Int, into output: inout [UInt8]) {
    var wide: [UInt32] = []
    widenLevels(levels.span, appendingTo: &wide)
    encodeHybrid(wide.span, width: Self.width(max), appendingTo: &output)
  }

  /// Bits of a level.
  private static func width(_ max: Int) -> Int { Int.bitWidth - max.leadingZeroBitCount }

  /// How often each repetition level occurs; empty where nothing repeats.
  var repetitionHistogram: [Int64] {
    (0..<(maxRepetition > 0 ? maxRepetition + 1 : 0)).map {
      Int64(countLevels(repetition.span, equalTo: UInt8($0)))
    }
  }

  /// How often each definition level occurs; empty where all values are there.
  var definitionHistogram: [Int64] {
    if usesBits { return [Int64(nulls), Int64(slots - nulls)] }
    return (0..<(maxDefinition > 0 ? maxDefinition + 1 : 0)).map {
      Int64(countLevels(definition.span, equalTo: UInt8($0)))
    }
  }

  /// Forgets the page and keeps the memory.
  mutating func removeAll() {
    validity = nil
    definition.removeAll(keepingCapacity: true)
    repetition.removeAll(keepingCapacity: true)
    (slots, rows, nulls) = (0, 0, 0)
  }
}
