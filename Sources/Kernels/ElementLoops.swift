// Loops over whole vectors. Where one operand is a single element, it stands for all rows.

/// Applies a function to each element.
@inlinable @inline(__always)
public func mapElements<A: BitwiseCopyable, R: BitwiseCopyable>(_ a: [A], _ body: (A) -> R) -> [R] {
  let count = a.count
  return [R](unsafeUninitializedCapacity: count) { target, used in
    a.withUnsafeBufferPointer { source in
      for index in 0..<count { target.initializeElement(at: index, to: body(source[index])) }
    }
    used = count
  }
}

/// Applies a function to the elements of two arrays; an array of one element stands for `count` equal ones.
///
/// - Precondition: each array has one or `count` elements.
@inlinable @inline(__always)
public func zipElements<A: BitwiseCopyable, B: BitwiseCopyable, R: BitwiseCopyable>(
  _ a: [A], _ b: [B], count: Int, _ body: (A, B) -> R
) -> [R] {
  precondition((a.count == count || a.count == 1) && (b.count == count || b.count == 1), "one or all elements")
  return [R](unsafeUninitializedCapacity: count) { target, used in
    a.withUnsafeBufferPointer { first in
      b.withUnsafeBufferPointer { second in
        if a.count == count, b.count == count {
          for index in 0..<count { target.initializeElement(at: index, to: body(first[index], second[index])) }
        } else if b.count == 1, count > 0 {
          if a.count == count {
            let right = second[0]
            for index in 0..<count { target.initializeElement(at: index, to: body(first[index], right)) }
          } else {
            let value = body(first[0], second[0])
            for index in 0..<count { target.initializeElement(at: index, to: value) }
          }
        } else if count > 0 {
          let left = first[0]
          for index in 0..<count { target.initializeElement(at: index, to: body(left, second[index])) }
        }
      }
    }
    used = count
  }
}

/// Runs over the elements of two arrays, one of which may be a single element; nothing is stored.
///
/// - Returns: the bitwise or of what the function gives.
@inlinable @inline(__always)
public func foldElements<A: BitwiseCopyable, B: BitwiseCopyable>(
  _ a: [A], _ b: [B], count: Int, _ body: (A, B) -> UInt8
) -> UInt8 {
  precondition((a.count == count || a.count == 1) && (b.count == count || b.count == 1), "one or all elements")
  let (stepA, stepB) = (a.count == 1 ? 0 : 1, b.count == 1 ? 0 : 1)
  return a.withUnsafeBufferPointer { first in
    b.withUnsafeBufferPointer { second in
      var all: UInt8 = 0
      for index in 0..<count { all |= body(first[index &* stepA], second[index &* stepB]) }
      return all
    }
  }
}

/// Adds the positions of the bytes that are not zero.
public func appendPositions(ofFlags flags: Span<UInt8>, to positions: inout [UInt32]) {
  positions.append(addingCapacity: flags.count + 1) { span in
    span.withUnsafeMutableBufferPointer { target, used in
      guard let base = target.baseAddress else { return }
      flags.withUnsafeBufferPointer { flags in
        let bytes = UnsafeRawBufferPointer(flags)
        var count = 0
        var index = 0
        while index < flags.count {
          // Where few are wanted, mostly none of eight is.
          if index &+ 8 <= flags.count, bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self) == 0 {
            index &+= 8
            continue
          }
          for place in index..<min(index &+ 8, flags.count) {
            base[count] = UInt32(truncatingIfNeeded: place)
            count &+= flags[place] == 0 ? 0 : 1
          }
          index &+= 8
        }
        used = count
      }
    }
  }
}

/// Sets to zero the bytes whose bit is not set.
public func clearFlags(_ flags: inout [UInt8], where validity: Span<UInt64>) {
  precondition(flags.count <= validity.count * 64, "a bit for each flag")
  flags.withUnsafeMutableBufferPointer { target in
    validity.withUnsafeBufferPointer { words in
      for index in 0..<target.count {
        target[index] &= UInt8(truncatingIfNeeded: words[index &>> 6] &>> UInt64(index & 63)) & 1
      }
    }
  }
}

/// Packs bytes, of which the lowest bit counts, into words of bits.
public func packFlags(_ flags: Span<UInt8>) -> [UInt64] {
  var words = [UInt64](repeating: 0, count: (flags.count + 63) / 64)
  words.withUnsafeMutableBufferPointer { words in
    flags.withUnsafeBufferPointer { flags in
      for index in 0..<flags.count {
        words[index &>> 6] |= UInt64(flags[index] & 1) &<< UInt64(index & 63)
      }
    }
  }
  return words
}

/// Spreads bits to bytes of 0 or 1.
public func unpackFlags(_ words: Span<UInt64>, count: Int) -> [UInt8] {
  precondition(count <= words.count * 64, "bits of the words")
  return [UInt8](unsafeUninitializedCapacity: count) { target, used in
    words.withUnsafeBufferPointer { words in
      for index in 0..<count {
        let bit = UInt8(truncatingIfNeeded: words[index &>> 6] &>> UInt64(index & 63)) & 1
        target.initializeElement(at: index, to: bit)
      }
    }
    used = count
  }
}

/// A comparison as a byte of 0 or 1, which the optimiser turns into vector instructions where it would keep a branch.
@inlinable @inline(__always)
public func flag(_ condition: Bool) -> UInt8 { unsafeBitCast(condition, to: UInt8.self) }
