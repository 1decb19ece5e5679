// Packed dictionary codes to the elements they stand for, in one pass: the codes of a block stay in the nearest cache
// and are never written to memory. Each block is held against the dictionary before it is looked up.

/// Codes that are unpacked at once: 4 KiB of them.
let codesAtOnce = 1024

/// Adds, for each packed code, the element of that position, unless a code is none of the dictionary's.
///
/// Specialised for the numbers of the format: callers are generic and know the type only when they run.
///
/// - Parameter first: the position of the first code among the packed ones.
/// - Returns: whether all codes were; if not, some elements may have been added.
/// - Precondition: `width` is 0 to 32, and `packed` holds at least `(first + count) * width` bits.
@specialized(where T == Int32)
@specialized(where T == Int64)
@specialized(where T == Float)
@specialized(where T == Double)
public func lookUpPacked<T: BitwiseCopyable>(
  _ packed: RawSpan, width: Int, first: Int, count: Int, in dictionary: Span<T>, appendingTo output: inout [T]
) -> Bool {
  if count == 0 { return true }
  var isSound = true
  output.append(addingCapacity: count) { span in
    span.withUnsafeMutableBufferPointer { buffer, used in
      dictionary.withUnsafeBufferPointer { values in
        guard let source = values.baseAddress, var target = buffer.baseAddress else {
          isSound = false
          return
        }
        isSound = withUnpackedBlocks(packed, width: width, first: first, count: count, entries: values.count) {
          (codes, size) in
          for index in 0..<size { (target + index).initialize(to: source[Int(truncatingIfNeeded: codes[index])]) }
          target += size
          used &+= size
        }
      }
    }
  }
  return isSound
}

/// Adds the packed codes themselves, unless one is not below `entries`.
///
/// - Parameters and precondition: as of ``lookUpPacked(_:width:first:count:in:appendingTo:)``.
/// - Returns: whether all codes were; if not, some may have been added.
public func unpackCodes(
  _ packed: RawSpan, width: Int, first: Int, count: Int, entries: Int, appendingTo output: inout [Int32]
) -> Bool {
  if count == 0 { return true }
  var isSound = true
  output.append(addingCapacity: count) { span in
    span.withUnsafeMutableBufferPointer { buffer, used in
      var target = buffer.baseAddress.unsafelyUnwrapped
      let entries = min(entries, Int(Int32.max))
      isSound = withUnpackedBlocks(packed, width: width, first: first, count: count, entries: entries) { codes, size in
        UnsafeMutableRawPointer(target).copyMemory(from: codes, byteCount: size &* 4)
        target += size
        used &+= size
      }
    }
  }
  return isSound
}

/// Hands out the codes block by block, as long as all are below `entries`; whether all were.
@inline(__always)
func withUnpackedBlocks(
  _ packed: RawSpan, width: Int, first: Int, count: Int, entries: Int,
  _ body: (UnsafePointer<UInt32>, Int) -> Void
) -> Bool {
  precondition(width >= 0 && width <= 32 && first >= 0 && count >= 0, "a width of 0 to 32")
  precondition(packed.byteCount >= ((first + count) * width + 7) / 8, "enough packed bytes")
  guard entries > 0 else { return false }
  let last = Int32(clamping: entries - 1)
  return packed.withUnsafeBytes { bytes in
    withUnsafeTemporaryAllocation(of: UInt32.self, capacity: codesAtOnce + 8) { block in
      let codes = block.baseAddress.unsafelyUnwrapped
      var done = 0
      while done < count {
        // Only groups of eight begin on a byte: codes of the first one that are not wanted are unpacked and passed by.
        let extra = (first &+ done) & 7
        let size = min(codesAtOnce &- extra, count &- done)
        let start = ((first &+ done) &>> 3) &* width
        unpack(UnsafeRawBufferPointer(rebasing: bytes[start...]), width: width, count: extra &+ size, into: codes)
        // A code out of range, or the negative number it makes, leaves its sign in `outside`: additions and bit
        // operations run on whole vectors on every processor, an unsigned maximum does not.
        var outside: Int32 = 0
        for index in extra..<extra &+ size {
          let code = Int32(truncatingIfNeeded: codes[index])
          outside |= code | (last &- code)
        }
        if outside < 0 { return false }
        body(UnsafePointer(codes + extra), size)
        done &+= size
      }
      return true
    }
  }
}
