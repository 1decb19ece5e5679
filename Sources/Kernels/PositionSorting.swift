/// Bits of a key that one pass looks at, and how many values they have.
private let digitBits: UInt64 = 11
private let buckets = 1 << Int(digitBits)
private let digits = 6

/// Puts positions into the rising order of their keys; those with equal keys keep their order.
///
/// A radix sort from the least significant digit on: each digit of 11 bits in which keys differ costs one pass over
/// keys and positions, which move together. Several words make a longer key: sort by the least significant word first.
///
/// - Precondition: each position is below the number of keys, checked once by the largest.
public func sortPositions(_ positions: inout [UInt32], by keys: Span<UInt64>) {
  let count = positions.count
  if count < 2 { return }
  var words: [UInt64] = []
  gather(positions.span, from: keys, appendingTo: &words)
  var counts = [Int](repeating: 0, count: digits * buckets)
  countDigits(words, into: &counts)
  var otherWords = [UInt64](repeating: 0, count: count)
  var otherPositions = [UInt32](repeating: 0, count: count)
  for digit in 0..<digits {
    let own = digit * buckets..<(digit + 1) * buckets
    // A digit that all keys share moves nothing.
    let first = digit * buckets + Int(truncatingIfNeeded: words[0] &>> (UInt64(digit) &* digitBits)) & (buckets - 1)
    if counts[first] == count { continue }
    var start = 0
    for bucket in own {
      let length = counts[bucket]
      counts[bucket] = start
      start += length
    }
    counts.withUnsafeMutableBufferPointer { counts in
      distribute(
        words, positions, shift: UInt64(digit) &* digitBits, starts: UnsafeMutableBufferPointer(rebasing: counts[own]),
        into: &otherWords, &otherPositions)
    }
    swap(&words, &otherWords)
    swap(&positions, &otherPositions)
  }
}

private func countDigits(_ words: [UInt64], into counts: inout [Int]) {
  words.withUnsafeBufferPointer { words in
    counts.withUnsafeMutableBufferPointer { counts in
      for word in words {
        var rest = word
        var base = 0
        for _ in 0..<digits {
          counts[base &+ Int(truncatingIfNeeded: rest) & (buckets - 1)] &+= 1
          rest = rest &>> digitBits
          base &+= buckets
        }
      }
    }
  }
}

private func distribute(
  _ words: [UInt64], _ positions: [UInt32], shift: UInt64, starts: UnsafeMutableBufferPointer<Int>,
  into targetWords: inout [UInt64], _ targetPositions: inout [UInt32]
) {
  words.withUnsafeBufferPointer { words in
    positions.withUnsafeBufferPointer { positions in
      targetWords.withUnsafeMutableBufferPointer { targetWords in
        targetPositions.withUnsafeMutableBufferPointer { targetPositions in
          for index in 0..<words.count {
            let word = words[index]
            let bucket = Int(truncatingIfNeeded: word &>> shift) & (buckets - 1)
            let place = starts[bucket]
            starts[bucket] = place &+ 1
            targetWords[place] = word
            targetPositions[place] = positions[index]
          }
        }
      }
    }
  }
}
