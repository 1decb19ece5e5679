// From levels to offsets and validity. A *slot* is a place in a column: an entry makes one where the list around it has
// an item there (its definition level is at least `slot`) and where it does not continue a deeper list (its repetition
// level is at most `depth`). No branch depends on a level.

/// The validity of a column's slots, one bit each, where every entry at `slot` or above is a slot of its own.
///
/// Adds words of 64 bits to `words`, which must hold none, and gives how many slots there are and how many are valid.
///
/// - Precondition: levels are below 128.
public func slotValidity(
  _ definitions: Span<UInt8>, slot: UInt8, valid: UInt8, into words: inout [UInt64]
) -> (slots: Int, valid: Int) {
  precondition(words.isEmpty, "no words before")
  let count = definitions.count
  var result = (slots: 0, valid: 0)
  definitions.withUnsafeBufferPointer { levels in
    appendWritten((count + 63) / 64, to: &words) { target in
      guard let base = levels.baseAddress else { return }
      if slot == 0 {
        result.valid = compareAll(base, count, valid, target)
        result.slots = count
        return
      }
      var word: UInt64 = 0
      var slots = 0
      var validCount = 0
      for index in 0..<count {
        let level = base[index]
        let isValid = UInt64(unsafeBitCast(level >= valid, to: UInt8.self))
        word |= isValid &<< UInt64(truncatingIfNeeded: slots & 63)
        target[slots &>> 6] = word
        let isSlot = Int(unsafeBitCast(level >= slot, to: UInt8.self))
        slots &+= isSlot
        validCount &+= Int(isValid)
        if slots & 63 == 0, isSlot == 1 { word = 0 }
      }
      result = (slots, validCount)
    }
  }
  words.removeLast(words.count - (result.slots + 63) / 64)
  return result
}

/// One bit a level: whether it is at least `threshold`. Gives how many are.
@inline(__always)
private func compareAll(
  _ base: UnsafePointer<UInt8>, _ count: Int, _ threshold: UInt8, _ target: UnsafeMutablePointer<UInt64>
) -> Int {
  // (level | 0x80) - threshold keeps the high bit exactly where level >= threshold; the product then gathers the eight
  // bits of a word into its highest byte.
  let subtrahend = UInt64(threshold) &* 0x0101_0101_0101_0101
  var total = 0
  var index = 0
  while index < count {
    var word: UInt64 = 0
    var shift: UInt64 = 0
    while shift < 64, index < count {
      let levels = loadPartial64(UnsafeRawPointer(base), index, end: count)
      let high = ((levels | 0x8080_8080_8080_8080) &- subtrahend) &>> 7 & 0x0101_0101_0101_0101
      var bits = (high &* 0x0102_0408_1020_4080) &>> 56
      // Missing levels read as zero, which a threshold of zero would count.
      if index &+ 8 > count { bits &= (1 &<< UInt64(truncatingIfNeeded: count &- index)) &- 1 }
      word |= bits &<< shift
      shift &+= 8
      index &+= 8
    }
    target[(index &- 1) &>> 6] = word
    total &+= word.nonzeroBitCount
  }
  return total
}

/// The offsets of lists, out of the levels of any leaf below them.
///
/// - Parameters:
///   - slot: the definition level at which the list has a place in the column around it.
///   - item: the definition level at which the list has an item.
///   - repetition: the repetition level at which a further item begins.
/// - Returns: one offset more than slots; `nil` where the items are more than 31 bits can count.
/// - Precondition: as many repetition levels as definition levels.
public func listOffsets(
  definitions: Span<UInt8>, repetitions: Span<UInt8>, slot: UInt8, item: UInt8, repetition: UInt8
) -> [Int32]? {
  precondition(definitions.count == repetitions.count, "both levels of each entry")
  guard definitions.count <= Int(Int32.max) else { return nil }
  var offsets: [Int32] = []
  var slots = 0
  definitions.withUnsafeBufferPointer { definitions in
    repetitions.withUnsafeBufferPointer { repetitions in
      appendWritten(definitions.count + 1, to: &offsets) { target in
        var items: Int32 = 0
        for index in 0..<definitions.count {
          target[slots] = items
          let definition = definitions[index]
          let level = repetitions[index]
          let starts =
            unsafeBitCast(definition >= slot, to: UInt8.self) & unsafeBitCast(level < repetition, to: UInt8.self)
          let holds =
            unsafeBitCast(definition >= item, to: UInt8.self) & unsafeBitCast(level <= repetition, to: UInt8.self)
          slots &+= Int(starts)
          items &+= Int32(holds)
        }
        target[slots] = items
      }
    }
  }
  offsets.removeLast(offsets.count - slots - 1)
  return offsets
}

/// The validity of slots that may span several entries: the levels of a leaf inside a list, seen from outside it.
///
/// - Parameter depth: the repetition level above which an entry continues a slot.
/// - Precondition: as many repetition levels as definition levels.
public func slotValidity(
  definitions: Span<UInt8>, repetitions: Span<UInt8>, slot: UInt8, depth: UInt8, valid: UInt8,
  into words: inout [UInt64]
) -> (slots: Int, valid: Int) {
  precondition(definitions.count == repetitions.count && words.isEmpty, "both levels of each entry, no words before")
  var slots = 0
  var validCount = 0
  definitions.withUnsafeBufferPointer { definitions in
    repetitions.withUnsafeBufferPointer { repetitions in
      appendWritten((definitions.count + 63) / 64, to: &words) { target in
        var word: UInt64 = 0
        for index in 0..<definitions.count {
          let starts =
            unsafeBitCast(definitions[index] >= slot, to: UInt8.self)
            & unsafeBitCast(repetitions[index] <= depth, to: UInt8.self)
          let isValid = starts & unsafeBitCast(definitions[index] >= valid, to: UInt8.self)
          word |= UInt64(isValid) &<< UInt64(truncatingIfNeeded: slots & 63)
          target[slots &>> 6] = word
          slots &+= Int(starts)
          validCount &+= Int(isValid)
          if slots & 63 == 0, starts == 1 { word = 0 }
        }
      }
    }
  }
  words.removeLast(words.count - (slots + 63) / 64)
  return (slots, validCount)
}
