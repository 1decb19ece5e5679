/// Adds `count` elements of all-zero bits at the end.
@inlinable
public func appendZeros<T: BitwiseCopyable>(_ count: Int, to array: inout [T]) {
  array.append(addingCapacity: count) { output in
    output.withUnsafeMutableBufferPointer { buffer, used in
      UnsafeMutableRawBufferPointer(
        rebasing: UnsafeMutableRawBufferPointer(buffer)[..<(count * MemoryLayout<T>.stride)]
      )
      .initializeMemory(as: UInt8.self, repeating: 0)
      used = count
    }
  }
}

/// Adds `count` copies of an element.
@inlinable
public func appendRepeating<T: BitwiseCopyable>(_ value: T, count: Int, to array: inout [T]) {
  array.append(addingCapacity: count) { output in
    output.withUnsafeMutableBufferPointer { buffer, used in
      buffer[..<count].initialize(repeating: value)
      used = count
    }
  }
}

/// Adds the elements whose memory, back to back and of any alignment, is `raw`.
///
/// - Precondition: `raw` holds a whole number of elements.
@inlinable
public func appendRaw<T: BitwiseCopyable>(_ raw: RawSpan, to array: inout [T]) {
  let count = raw.byteCount / MemoryLayout<T>.stride
  precondition(count * MemoryLayout<T>.stride == raw.byteCount, "a whole number of elements")
  if count == 0 { return }
  array.append(addingCapacity: count) { output in
    output.withUnsafeMutableBufferPointer { buffer, used in
      raw.withUnsafeBytes { UnsafeMutableRawBufferPointer(buffer).copyMemory(from: $0) }
      used = count
    }
  }
}

/// Adds `count` elements that `body` writes to uninitialised memory; a hot loop behind a checked face.
@inline(__always)
func appendWritten<T: BitwiseCopyable>(
  _ count: Int, to array: inout [T], _ body: (UnsafeMutablePointer<T>) -> Void
) {
  if count == 0 { return }
  array.append(addingCapacity: count) { output in
    output.withUnsafeMutableBufferPointer { buffer, used in
      body(buffer.baseAddress.unsafelyUnwrapped)
      used = count
    }
  }
}
