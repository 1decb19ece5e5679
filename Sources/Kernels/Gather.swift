/// Adds, for each code, the element of that position.
///
/// - Precondition: each code is below `dictionary.count`, checked once by the largest.
@inlinable
public func gather<T: BitwiseCopyable>(_ codes: Span<UInt32>, from dictionary: Span<T>, appendingTo output: inout [T]) {
  if codes.isEmpty { return }
  precondition(Int(maximum(codes)) < dictionary.count, "codes within the dictionary")
  output.append(addingCapacity: codes.count) { span in
    span.withUnsafeMutableBufferPointer { buffer, used in
      codes.withUnsafeBufferPointer { positions in
        dictionary.withUnsafeBufferPointer { values in
          let source = values.baseAddress.unsafelyUnwrapped
          let target = buffer.baseAddress.unsafelyUnwrapped
          for index in 0..<positions.count {
            (target + index).initialize(to: source[Int(truncatingIfNeeded: positions[index])])
          }
        }
      }
      used = codes.count
    }
  }
}

/// Adds, for each code, the byte string of that position: its end to `offsets`, its bytes to `bytes`.
///
/// - Returns: whether all ends fit in 31 bits; if not, nothing was added.
/// - Precondition: each code is below the number of strings, and the dictionary's offsets rise within its bytes.
public func gatherBytes(
  _ codes: Span<UInt32>, offsets dictionaryOffsets: Span<Int32>, bytes dictionary: RawSpan,
  appendingOffsetsTo offsets: inout [Int32], bytesTo bytes: inout [UInt8]
) -> Bool {
  if codes.isEmpty { return true }
  precondition(Int(maximum(codes)) < dictionaryOffsets.count - 1, "codes within the dictionary")
  let start = bytes.count
  let total: Int = dictionaryOffsets.withUnsafeBufferPointer { table in
    codes.withUnsafeBufferPointer { positions in
      positions.reduce(0) { $0 &+ Int(table[Int($1) + 1] &- table[Int($1)]) }
    }
  }
  guard start + total <= Int(Int32.max) else { return false }
  dictionaryOffsets.withUnsafeBufferPointer { table in
    codes.withUnsafeBufferPointer { positions in
      dictionary.withUnsafeBytes { source in
        appendWritten(codes.count, to: &offsets) { ends in
          var end = start
          for index in 0..<positions.count {
            end &+= Int(table[Int(positions[index]) + 1] &- table[Int(positions[index])])
            ends[index] = Int32(truncatingIfNeeded: end)
          }
        }
        appendWritten(total, to: &bytes) { target in
          let base = source.baseAddress.unsafelyUnwrapped
          var at = UnsafeMutableRawPointer(target)
          for position in positions {
            let from = Int(table[Int(position)])
            let length = Int(table[Int(position) + 1]) &- from
            at.copyMemory(from: base + from, byteCount: length)
            at += length
          }
        }
      }
    }
  }
  return true
}

/// The bits at these positions, packed from the least significant bit of each word upwards; the last word is filled up
/// with zeros.
///
/// - Precondition: each position is below the number of bits in `words`, checked once by the largest.
public func gatherBits(_ positions: Span<UInt32>, from words: Span<UInt64>) -> [UInt64] {
  if positions.isEmpty { return [] }
  precondition(Int(maximum(positions)) < words.count * 64, "positions within the words")
  var result: [UInt64] = []
  positions.withUnsafeBufferPointer { positions in
    words.withUnsafeBufferPointer { words in
      appendWritten((positions.count + 63) / 64, to: &result) { target in
        var index = 0
        while index < positions.count {
          var word: UInt64 = 0
          let end = min(positions.count, index &+ 64)
          var shift: UInt64 = 0
          for at in index..<end {
            let position = positions[at]
            word |= (words[Int(position &>> 6)] &>> UInt64(position & 63) & 1) &<< shift
            shift &+= 1
          }
          target[index &>> 6] = word
          index = end
        }
      }
    }
  }
  return result
}
