internal import Columnar
internal import Kernels

/// The levels of the page at hand, taken piece by piece.
///
/// A leaf that is at most once optional and not repeated is the common case: its definition levels are the validity
/// bitmap as they stand, and are never turned into bytes.
struct PageLevels {
  /// Entries that have not been taken.
  private(set) var left = 0
  private var used = 0
  private var bits: HybridReader?
  private var definitionBytes = PageBytes()
  private var definitions: [UInt8] = []
  private var repetitions: [UInt8] = []

  /// Turns to the levels of a page.
  mutating func begin(_ page: DataPage, _ leaf: LeafColumn) throws(ParquetError) {
    left = page.count
    used = 0
    bits = nil
    guard leaf.maxDefinitionLevel > 0 else { return }
    if leaf.hasBitLevels, page.definitionEncoding == .rle {
      bits = HybridReader(width: 1)
      definitionBytes = page.definitions
      return
    }
    try decodeLevels(
      page.definitions, encoding: page.definitionEncoding, largest: leaf.maxDefinitionLevel, count: page.count,
      into: &definitions)
    guard leaf.maxRepetitionLevel > 0 else { return }
    try decodeLevels(
      page.repetitions, encoding: page.repetitionEncoding, largest: leaf.maxRepetitionLevel, count: page.count,
      into: &repetitions)
  }

  /// Lets go of the page's bytes.
  mutating func endPage() { definitionBytes = PageBytes() }

  /// How many of the next entries are known to have a value, for a leaf that is not repeated.
  func validAhead(_ leaf: LeafColumn) throws(ParquetError) -> Int {
    guard leaf.maxDefinitionLevel > 0 else { return left }
    guard var ahead = bits, left > 0 else { return 0 }
    let page = definitionBytes
    guard let run = try ahead.takeRun(page.bytes.span.extracting(page.range), limit: left), run.value == 1 else {
      return 0
    }
    return run.count
  }

  /// How many rows begin in the page; for a repeated leaf.
  var rowCount: Int { repetitions.count - countLevels(repetitions.span, notBelow: 1) }

  /// How many entries make up the rest of the row at hand and the next `rows` rows, as far as the page has them.
  func part(rows: Int, isFirst: Bool, _ leaf: LeafColumn) throws(ParquetError) -> (entries: Int, rows: Int) {
    guard leaf.maxRepetitionLevel > 0 else {
      let step = min(rows, left)
      return (step, step)
    }
    if isFirst, used == 0, repetitions[0] != 0 {
      throw ParquetError(.outOfSpec, "the first entry continues a row")
    }
    let found = findRowEnd(repetitions.span, from: used, rows: rows)
    return (found.end - used, found.rows)
  }

  /// Takes the next entries: which slots they make and which of them have a value.
  mutating func take(
    _ count: Int, _ leaf: LeafColumn, _ validity: inout ValidityBuilder, _ batchDefinitions: inout [UInt8],
    _ batchRepetitions: inout [UInt8]
  ) throws(ParquetError) -> (slots: Int, valid: Int) {
    defer {
      used += count
      left -= count
    }
    guard leaf.maxDefinitionLevel > 0 else {
      validity.appendValid(count)
      return (count, count)
    }
    if var reader = bits {
      let page = definitionBytes
      let valid = try validity.append(&reader, page.bytes.span.extracting(page.range), count: count)
      bits = reader
      return (count, valid)
    }
    let levels = definitions.span.extracting(used..<used + count)
    let found = validity.append(
      levels, slot: UInt8(leaf.slotDefinitionLevel), valid: UInt8(leaf.maxDefinitionLevel))
    if !leaf.hasBitLevels { unsafe appendRaw(levels.bytes, to: &batchDefinitions) }
    if leaf.maxRepetitionLevel > 0 {
      unsafe appendRaw(repetitions.span.bytes.extracting(used..<used + count), to: &batchRepetitions)
    }
    return found
  }
}

extension LeafColumn {
  /// Whether definition levels are bits that say which rows have a value.
  var hasBitLevels: Bool { maxDefinitionLevel == 1 && maxRepetitionLevel == 0 }
}

/// The validity of a batch's slots, made only once one is null.
struct ValidityBuilder {
  private var bits: Bitmap?
  private var slots = 0
  private var words: [UInt64] = []

  /// Adds slots that all have a value.
  mutating func appendValid(_ count: Int) {
    bits?.append(repeating: true, count: count)
    slots += count
  }

  /// Adds as many bits of a page; gives how many are set.
  mutating func append(
    _ reader: inout HybridReader, _ bytes: Span<UInt8>, count: Int
  ) throws(ParquetError) -> Int {
    if try reader.skipRun(bytes, of: 1, count: count) {
      appendValid(count)
      return count
    }
    var bitmap = bits ?? Bitmap(repeating: true, count: slots)
    bits = nil
    try reader.read(bytes, count: count, into: &bitmap)
    let valid = bitmap.setCount(in: slots..<slots + count)
    bits = bitmap
    slots += count
    return valid
  }

  /// Adds the slots that definition levels make.
  mutating func append(_ levels: Span<UInt8>, slot: UInt8, valid: UInt8) -> (slots: Int, valid: Int) {
    words.removeAll(keepingCapacity: true)
    let found = slotValidity(levels, slot: slot, valid: valid, into: &words)
    if found.valid == found.slots {
      appendValid(found.slots)
      return found
    }
    var bitmap = bits ?? Bitmap(repeating: true, count: slots)
    bits = nil
    unsafe bitmap.append(packed: words.span.bytes, range: 0..<found.slots)
    bits = bitmap
    slots += found.slots
    return found
  }

  /// The bitmap so far, when one was needed.
  var bitmap: Bitmap? { bits }

  /// The finished bitmap, `nil` when each slot has a value; the next slots start anew.
  mutating func take() -> Bitmap? {
    defer {
      bits = nil
      slots = 0
    }
    guard let bits, bits.setCount != bits.count else { return nil }
    return bits
  }
}
