// Partial aggregates by group: `groups[i]` is the place to which `values[i]` belongs.

/// Takes each value into the place of its group.
///
/// - Precondition: as many groups as values, and each group below `places.count`, checked once by the largest.
@inlinable @inline(__always)
public func accumulate<T: BitwiseCopyable, R: BitwiseCopyable>(
  _ values: [T], groups: [UInt32], into places: inout [R], _ body: (inout R, T) -> Void
) {
  precondition(values.count == groups.count, "a group for each value")
  if groups.isEmpty { return }
  precondition(Int(maximum(groups.span)) < places.count, "groups within the places")
  places.withUnsafeMutableBufferPointer { places in
    values.withUnsafeBufferPointer { values in
      groups.withUnsafeBufferPointer { groups in
        for index in 0..<values.count {
          body(&places[Int(truncatingIfNeeded: groups[index])], values[index])
        }
      }
    }
  }
}

/// Counts the rows of each group.
///
/// - Precondition: each group is below `counts.count`.
public func countGroups(_ groups: Span<UInt32>, into counts: inout [Int64]) {
  if groups.isEmpty { return }
  precondition(Int(maximum(groups)) < counts.count, "groups within the counts")
  counts.withUnsafeMutableBufferPointer { counts in
    groups.withUnsafeBufferPointer { groups in
      for group in groups { counts[Int(truncatingIfNeeded: group)] &+= 1 }
    }
  }
}

/// The sum of 32-bit numbers.
public func sumInt32(_ values: Span<Int32>) -> Int64 {
  values.withUnsafeBufferPointer { values in
    var sum: Int64 = 0
    for value in values { sum &+= Int64(value) }
    return sum
  }
}

/// The sum of floating-point numbers, by eight partial sums.
public func sumDouble(_ values: Span<Double>) -> Double {
  values.withUnsafeBufferPointer { values in
    var partial = SIMD8<Double>(repeating: 0)
    var index = 0
    while index &+ 8 <= values.count {
      partial += UnsafeRawPointer(values.baseAddress.unsafelyUnwrapped + index).loadUnaligned(as: SIMD8<Double>.self)
      index &+= 8
    }
    var sum = partial.sum()
    while index < values.count {
      sum += values[index]
      index &+= 1
    }
    return sum
  }
}

/// Two numbers of 32 bits as one of 64, for each row.
public func pairs(_ high: Span<UInt32>, _ low: Span<UInt32>) -> [UInt64] {
  precondition(high.count == low.count, "pairs of as many numbers")
  return [UInt64](unsafeUninitializedCapacity: high.count) { target, used in
    high.withUnsafeBufferPointer { high in
      low.withUnsafeBufferPointer { low in
        for index in 0..<high.count {
          target.initializeElement(at: index, to: UInt64(high[index]) &<< 32 | UInt64(low[index]))
        }
      }
    }
    used = high.count
  }
}

/// Maps codes to numbers that are given out as codes first occur.
///
/// - Parameters:
///   - table: the number of each code, `UInt32.max` where it has none yet.
///   - assign: gives the number of a code that occurs for the first time.
/// - Precondition: each code is a position in `table`.
@inlinable @inline(__always)
public func numberCodes(
  _ codes: Span<Int32>, table: inout [UInt32], appendingTo numbers: inout [UInt32], _ assign: (Int) -> UInt32
) {
  if codes.isEmpty { return }
  let largest = codes.withUnsafeBufferPointer { codes in
    codes.reduce(UInt32(0)) { max($0, UInt32(bitPattern: $1)) }
  }
  precondition(Int(largest) < table.count, "codes within the table")
  numbers.append(addingCapacity: codes.count) { span in
    span.withUnsafeMutableBufferPointer { target, used in
      table.withUnsafeMutableBufferPointer { table in
        codes.withUnsafeBufferPointer { codes in
          for index in 0..<codes.count {
            let code = Int(truncatingIfNeeded: codes[index])
            var number = table[code]
            if number == UInt32.max {
              number = assign(code)
              table[code] = number
            }
            target.initializeElement(at: index, to: number)
          }
        }
      }
      used = codes.count
    }
  }
}

/// Numbers pairs by a table of all that can be, numbering new ones as they first occur.
///
/// - Parameters:
///   - table: the number of each pair plus 1, in rows of `1 << shift` places; 0 where it has none.
///   - keys: the pairs in the order of their numbers.
/// - Precondition: as many of the one as of the other, and each pair within the table, checked once by the largest.
public func numberPairs(
  _ high: Span<UInt32>, _ low: Span<UInt32>, shift: Int, table: inout [UInt32], keys: inout [UInt64],
  appendingTo numbers: inout [UInt32]
) {
  precondition(high.count == low.count, "pairs of as many numbers")
  if high.isEmpty { return }
  precondition(
    Int(maximum(low)) >> shift == 0 && Int(maximum(high)) < table.count >> shift, "pairs within the table")
  numbers.append(addingCapacity: high.count) { span in
    span.withUnsafeMutableBufferPointer { target, used in
      table.withUnsafeMutableBufferPointer { table in
        high.withUnsafeBufferPointer { high in
          low.withUnsafeBufferPointer { low in
            for index in 0..<high.count {
              let place = Int(truncatingIfNeeded: high[index]) &<< shift | Int(truncatingIfNeeded: low[index])
              var number = table[place]
              if number == 0 {
                keys.append(UInt64(high[index]) &<< 32 | UInt64(low[index]))
                number = UInt32(truncatingIfNeeded: keys.count)
                table[place] = number
              }
              target.initializeElement(at: index, to: number &- 1)
            }
          }
        }
      }
      used = high.count
    }
  }
}

/// How often a pattern differs from the one before it.
public func countChanges(_ values: Span<UInt64>) -> Int {
  values.withUnsafeBufferPointer { values in
    var count = 0
    for index in 1..<max(1, values.count) { count &+= Int(flag(values[index] != values[index &- 1])) }
    return count
  }
}
