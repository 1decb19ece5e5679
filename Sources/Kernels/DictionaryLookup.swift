/// Adds, for each code, the element of that position, unless a code is none of the dictionary's.
///
/// Specialised for the numbers of the format: callers are generic and know the type only when they run.
///
/// - Returns: whether all codes were; if not, some elements may have been added.
@specialized(where T == Int32)
@specialized(where T == Int64)
@specialized(where T == Float)
@specialized(where T == Double)
public func lookUp<T: BitwiseCopyable>(
  _ codes: Span<UInt32>, in dictionary: Span<T>, appendingTo output: inout [T]
) -> Bool {
  if codes.isEmpty { return true }
  var isSound = true
  output.append(addingCapacity: codes.count) { span in
    span.withUnsafeMutableBufferPointer { buffer, used in
      codes.withUnsafeBufferPointer { positions in
        dictionary.withUnsafeBufferPointer { values in
          guard let source = values.baseAddress, let target = buffer.baseAddress, let from = positions.baseAddress
          else {
            isSound = false
            return
          }
          used = lookUpBlocks(from, positions.count, source, values.count, target)
          isSound = used == positions.count
        }
      }
    }
  }
  return isSound
}

/// Codes are held against the dictionary in blocks that stay in the nearest cache. Gives how many were written.
@inline(__always)
private func lookUpBlocks<T: BitwiseCopyable>(
  _ codes: UnsafePointer<UInt32>, _ count: Int, _ source: UnsafePointer<T>, _ entries: Int,
  _ target: UnsafeMutablePointer<T>
) -> Int {
  var start = 0
  while start < count {
    let end = min(count, start &+ 1024)
    var largest: UInt32 = 0
    for index in start..<end { largest = max(largest, codes[index]) }
    if Int(largest) >= entries { return start }
    for index in start..<end { (target + index).initialize(to: source[Int(truncatingIfNeeded: codes[index])]) }
    start = end
  }
  return count
}
