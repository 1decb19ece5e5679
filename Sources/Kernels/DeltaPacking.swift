// Differences of integers, bit-packed in blocks of 128 values and miniblocks of 32.
//
//   data  := varint(128) varint(4) varint(values in all) zigzag(first value) block*
//   block := zigzag(smallest difference) one width byte a miniblock, miniblock*
//
// A miniblock holds (difference - smallest), 32 of them in its width; miniblocks that no value needs are absent, though
// their width bytes are there. Differences wrap within the width of the type.
//
// Worked example, 7 5 3 1 2 3 4 5: 80 01 04 08 0e (head, first value 7), 03 (smallest difference -2), 02 00 00 00
// (widths), c0 3f 00 00 00 00 00 00 (0 0 0 3 3 3 3 at two bits, filled up to 32).
//
// Specification: apache/parquet-format, Encodings.md, "Delta Encoding".

/// Adds signed 32-bit numbers that lie back to back.
public func appendDeltaPacked32(_ values: RawSpan, to output: inout [UInt8]) {
  appendDeltaPacked(values, as: Int32.self, to: &output)
}

/// Adds signed 64-bit numbers that lie back to back.
public func appendDeltaPacked64(_ values: RawSpan, to output: inout [UInt8]) {
  appendDeltaPacked(values, as: Int64.self, to: &output)
}

private let blockSize = 128
private let miniblockSize = 32

@inline(__always)
private func appendDeltaPacked<T: FixedWidthInteger & SignedInteger & BitwiseCopyable>(
  _ values: RawSpan, as type: T.Type, to output: inout [UInt8]
) where T.Magnitude: BitwiseCopyable {
  let stride = MemoryLayout<T>.stride
  precondition(values.byteCount % stride == 0, "a whole number of values")
  let count = values.byteCount / stride
  let blocks = (max(count, 1) - 1 + blockSize - 1) / blockSize
  // The head takes 25 bytes at most; a block its smallest difference, its widths, and its values at full width.
  let bound = 32 + blocks * (10 + 4 + blockSize * stride) + 8
  output.append(addingCapacity: bound) { span in
    span.withUnsafeMutableBufferPointer { buffer, used in
      var target = UnsafeMutableRawPointer(buffer.baseAddress.unsafelyUnwrapped)
      let start = target
      putVarint(UInt64(blockSize), &target)
      putVarint(UInt64(blockSize / miniblockSize), &target)
      putVarint(UInt64(count), &target)
      values.withUnsafeBytes { bytes in
        let first = count == 0 ? 0 : bytes.loadUnaligned(as: T.self)
        putVarint(zigzag(Int64(first)), &target)
        withUnsafeTemporaryAllocation(of: T.self, capacity: blockSize) { differences in
          var done = 1
          while done < count {
            let step = min(blockSize, count &- done)
            let base = bytes.baseAddress.unsafelyUnwrapped + done &* stride
            putBlock(base, count: step, differences: differences.baseAddress.unsafelyUnwrapped, &target)
            done &+= step
          }
        }
      }
      used = target - start
    }
  }
}

/// Writes one block; the value before it lies in front of `base`.
@inline(__always)
private func putBlock<T: FixedWidthInteger & SignedInteger & BitwiseCopyable>(
  _ base: UnsafeRawPointer, count: Int, differences: UnsafeMutablePointer<T>, _ target: inout UnsafeMutableRawPointer
) {
  let stride = MemoryLayout<T>.stride
  var smallest = T.max
  for index in 0..<count {
    let at = index &* stride
    let difference =
      base.loadUnaligned(fromByteOffset: at, as: T.self) &- base.loadUnaligned(fromByteOffset: at &- stride, as: T.self)
    differences[index] = difference
    smallest = min(smallest, difference)
  }
  for index in count..<blockSize { differences[index] = smallest }
  putVarint(zigzag(Int64(smallest)), &target)
  let widths = target
  widths.storeBytes(of: 0, as: UInt32.self)
  target += blockSize / miniblockSize
  for part in 0..<(count &+ miniblockSize &- 1) / miniblockSize {
    let values = differences + part &* miniblockSize
    var all: T = 0
    for index in 0..<miniblockSize {
      values[index] = values[index] &- smallest
      all |= values[index]
    }
    let width = T.bitWidth &- all.leadingZeroBitCount
    widths.storeBytes(of: UInt8(truncatingIfNeeded: width), toByteOffset: part, as: UInt8.self)
    pack(values, width: width, &target)
  }
}

/// Packs 32 values into `4 * width` bytes.
@inline(__always)
private func pack<T: FixedWidthInteger & SignedInteger>(
  _ values: UnsafePointer<T>, width: Int, _ target: inout UnsafeMutableRawPointer
) {
  if width == 0 { return }
  let mask: UInt64 = T.bitWidth == 64 ? .max : (1 &<< UInt64(T.bitWidth)) &- 1
  var word: UInt64 = 0
  var filled = 0
  for index in 0..<miniblockSize {
    let value = UInt64(truncatingIfNeeded: values[index]) & mask
    word |= value &<< UInt64(truncatingIfNeeded: filled)
    filled &+= width
    if filled >= 64 {
      target.storeBytes(of: word.littleEndian, as: UInt64.self)
      target += 8
      filled &-= 64
      // A shift by 64 gives zero, as the smart shift does.
      word = value >> UInt64(truncatingIfNeeded: width &- filled)
    }
  }
  if filled > 0 {
    target.storeBytes(of: UInt32(truncatingIfNeeded: word).littleEndian, as: UInt32.self)
    target += 4
  }
}

@inline(__always)
private func zigzag(_ value: Int64) -> UInt64 { UInt64(bitPattern: (value &<< 1) ^ (value &>> 63)) }

@inline(__always)
private func putVarint(_ value: UInt64, _ target: inout UnsafeMutableRawPointer) {
  var rest = value
  while rest >= 0x80 {
    target.storeBytes(of: UInt8(truncatingIfNeeded: rest) | 0x80, as: UInt8.self)
    target += 1
    rest &>>= 7
  }
  target.storeBytes(of: UInt8(truncatingIfNeeded: rest), as: UInt8.self)
  target += 1
}
