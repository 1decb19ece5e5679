// Definition and repetition levels out of validity bits and list offsets, one level of nesting a call: every slot of
// the level above is one byte of definition level, and a slot whose byte equals the level's depth is open: it stands
// for a value, a list or a structure. Positions say where the open slots lie in the columns below.
//
// Worked example, the lists [a b], null, [] and [c] in an optional list of required items:
//
//   four rows, all open                    definition 0 0 0 0         positions 0 1 2 3
//   optional: the null row closes          definition 1 0 1 1         positions 0 2 3
//   repeated: lists become their items     definition 2 2 0 1 2       positions 0 1 2    repetition 0 1 0 0 0
//
// Specification: apache/parquet-format, README.md, "Nested Encoding".

/// Raises the definition level of the open slots whose position is valid and drops the positions of the others.
///
/// - Returns: how many open slots were not valid.
/// - Precondition: as many slots equal `level` as there are positions, each of which has a bit.
public func closeNullSlots(
  _ definition: inout MutableSpan<UInt8>, level: UInt8, positions: inout MutableSpan<UInt32>, validity: Span<UInt64>
) -> Int {
  precondition(level < .max, "a level above")
  precondition(positions.count == 0 || Int(maximumOf(positions)) < validity.count * 64, "a bit for each position")
  var kept = 0
  var next = 0
  let total = positions.count
  definition.withUnsafeMutableBufferPointer { levels in
    positions.withUnsafeMutableBufferPointer { positions in
      validity.withUnsafeBufferPointer { words in
        for slot in 0..<levels.count where levels[slot] == level {
          precondition(next < total, "a position for each open slot")
          let position = positions[next]
          next &+= 1
          let bit = UInt8(truncatingIfNeeded: words[Int(position &>> 6)] &>> UInt64(position & 63)) & 1
          levels[slot] = level &+ bit
          positions[kept] = position
          kept &+= Int(bit)
        }
      }
    }
  }
  precondition(next == total, "an open slot for each position")
  return total - kept
}

private func maximumOf(_ positions: borrowing MutableSpan<UInt32>) -> UInt32 { maximum(positions.span) }

/// Raises the definition level of all open slots.
public func raiseOpenSlots(_ definition: inout MutableSpan<UInt8>, level: UInt8) {
  precondition(level < .max, "a level above")
  definition.withUnsafeMutableBufferPointer { levels in
    for slot in 0..<levels.count {
      let isOpen: UInt8 = levels[slot] == level ? 1 : 0
      levels[slot] &+= isOpen
    }
  }
}

/// How many slots the open ones take once their lists are expanded: one for each item, one for an empty list.
///
/// - Precondition: each position has a list among the offsets, which never fall.
public func expandedCount(positions: Span<UInt32>, offsets: Span<Int32>) -> Int {
  if positions.isEmpty { return 0 }
  precondition(Int(maximum(positions)) < offsets.count - 1, "a list for each position")
  var total = 0
  positions.withUnsafeBufferPointer { positions in
    offsets.withUnsafeBufferPointer { ends in
      for position in positions {
        total &+= max(1, Int(ends[Int(position) &+ 1]) &- Int(ends[Int(position)]))
      }
    }
  }
  return total
}

/// Replaces each open slot by one slot for each item of its list; an empty list keeps its slot, closed.
///
/// - Parameters:
///   - repetition: that of the slots before; empty where no level above repeats (all are then zero).
///   - itemRepetition: the level of a list's second and later items.
///   - positions: where the lists lie; becomes where the items lie.
/// - Precondition: as many slots equal `level` as there are positions, each of which has a list among the offsets.
public func expandLists(
  definition: inout [UInt8], repetition: inout [UInt8], level: UInt8, itemRepetition: UInt8,
  positions: inout [UInt32], offsets: Span<Int32>
) {
  precondition(level < .max && (repetition.isEmpty || repetition.count == definition.count), "levels of all slots")
  let open = positions.count
  let expanded = expandedCount(positions: positions.span, offsets: offsets)
  let count = definition.count - open + expanded
  let (before, beforeRepetition, lists) = (definition, repetition, positions)
  definition = []
  repetition = []
  positions = []
  appendWritten(count, to: &definition) { levels in
    appendWritten(count, to: &repetition) { repetitions in
      positions.append(addingCapacity: expanded) { output in
        output.withUnsafeMutableBufferPointer { items, used in
          var next = 0
          var slot = 0
          for old in 0..<before.count {
            let inherited = beforeRepetition.isEmpty ? 0 : beforeRepetition[old]
            levels[slot] = before[old]
            repetitions[slot] = inherited
            slot &+= 1
            guard before[old] == level else { continue }
            let list = Int(lists[next])
            next &+= 1
            let start = UInt32(bitPattern: offsets[list])
            let length = Int(UInt32(bitPattern: offsets[list &+ 1]) &- start)
            if length == 0 { continue }
            levels[slot &- 1] = level &+ 1
            for item in 1..<max(length, 1) {
              levels[slot] = level &+ 1
              repetitions[slot] = itemRepetition
              slot &+= 1
              items[used &+ item] = start &+ UInt32(truncatingIfNeeded: item)
            }
            items[used] = start
            used &+= length
          }
          precondition(slot == count && next == open, "an open slot for each position")
        }
      }
    }
  }
}

/// Where the first row at or behind `start` begins: a slot of repetition level 0, or the end.
public func nextRowStart(_ repetition: Span<UInt8>, from start: Int) -> Int {
  precondition(start >= 0 && start <= repetition.count, "a slot")
  return repetition.withUnsafeBufferPointer { levels in
    var slot = start
    while slot < levels.count, levels[slot] != 0 { slot &+= 1 }
    return slot
  }
}

/// How many levels equal `level`.
public func countLevels(_ levels: Span<UInt8>, equalTo level: UInt8) -> Int {
  levels.withUnsafeBufferPointer { levels in
    var total = 0
    for value in levels {
      let isEqual: UInt8 = value == level ? 1 : 0
      total &+= Int(isEqual)
    }
    return total
  }
}

/// Adds levels as the 32-bit values that the run-length encoder takes.
public func widenLevels(_ levels: Span<UInt8>, appendingTo output: inout [UInt32]) {
  levels.withUnsafeBufferPointer { source in
    appendWritten(source.count, to: &output) { target in
      for index in 0..<source.count { target[index] = UInt32(source[index]) }
    }
  }
}
