// Snappy's raw format: the length of the output as a varint, then elements, each told by the two lowest bits of its
// first byte. A copy repeats what stands `offset` bytes back in the output, and may overlap what it writes.
//
//   00  literal: length - 1 in the upper six bits; 60 to 63 say that it stands in the next 1 to 4 bytes
//   01  copy of 4 to 11 bytes: length - 4 in three bits, the offset in the upper three bits and the next byte
//   10  copy of 1 to 64 bytes: length - 1 in six bits, the offset in the next two bytes
//   11  the same, the offset in the next four bytes
//
// Worked example, "abababa!":   08   04 61 62   05 02   00 21
//   08 eight bytes; 04 two literal bytes "ab"; 05 02 a copy of 4 + 1 bytes from 2 back; 00 one literal byte "!"
// Specification: google/snappy, format_description.txt.

/// The length of the output that Snappy's raw format declares, and how many bytes say so; `nil` where it is damaged.
public func snappyLength(_ input: RawSpan) -> (length: Int, headerSize: Int)? {
  var length: UInt64 = 0
  for index in 0..<min(5, input.byteCount) {
    let byte = input.unsafeLoad(fromByteOffset: index, as: UInt8.self)
    length |= UInt64(byte & 0x7F) << UInt64(7 * index)
    if byte < 0x80 { return length <= UInt64(UInt32.max) ? (Int(length), index + 1) : nil }
  }
  return nil
}

/// Decompresses Snappy's raw format into a buffer of exactly the declared length; whether the input is sound.
///
/// Speed comes from moving eight or sixteen bytes where fewer are meant, wherever the rest of the buffer allows it: the
/// next element overwrites what was too much.
public func decodeSnappy(_ input: RawSpan, into output: UnsafeMutableRawBufferPointer) -> Bool {
  guard let (length, headerSize) = snappyLength(input), length == output.count else { return false }
  return input.withUnsafeBytes { source in
    guard let source = source.baseAddress else { return false }
    guard let target = output.baseAddress else { return headerSize == input.byteCount }
    return decodeElements(source, from: headerSize, to: input.byteCount, into: target, count: length)
  }
}

private func decodeElements(
  _ source: UnsafeRawPointer, from start: Int, to end: Int, into target: UnsafeMutableRawPointer, count: Int
) -> Bool {
  var at = start
  var made = 0
  while at < end {
    let tag = source.load(fromByteOffset: at, as: UInt8.self)
    at &+= 1
    var length = Int(tag &>> 2) &+ 1
    if tag & 3 == 0 {
      if length <= 16, end &- at >= 16, count &- made >= 16 {
        store64(load64(source, at), target, made)
        store64(load64(source, at &+ 8), target, made &+ 8)
      } else {
        if length > 60 {
          let size = length &- 60
          guard end &- at >= size else { return false }
          length = Int(truncatingIfNeeded: loadPartial64(source, at, end: at &+ size)) &+ 1
          at &+= size
        }
        guard length <= end &- at, length <= count &- made else { return false }
        (target + made).copyMemory(from: source + at, byteCount: length)
      }
      at &+= length
      made &+= length
      continue
    }
    var offset: Int
    if tag & 3 == 1 {
      guard at < end else { return false }
      length = Int(tag &>> 2 & 7) &+ 4
      offset = Int(tag &>> 5) &<< 8 | Int(source.load(fromByteOffset: at, as: UInt8.self))
      at &+= 1
    } else {
      let size = tag & 3 == 2 ? 2 : 4
      guard end &- at >= size else { return false }
      offset = Int(truncatingIfNeeded: loadPartial64(source, at, end: at &+ size))
      at &+= size
    }
    guard offset > 0, offset <= made, length <= count &- made else { return false }
    copyBack(target + made, offset: offset, length: length, room: count &- made)
    made &+= length
  }
  return made == count
}

/// Repeats `length` bytes, at most 64, from `offset` back; may write up to `room` bytes.
@inline(__always)
private func copyBack(_ target: UnsafeMutableRawPointer, offset: Int, length: Int, room: Int) {
  var done = 0
  if room >= 72 {
    var distance = offset
    if offset < 8 {
      // A pattern shorter than a word repeats at each multiple of its length: after some single bytes, words can be
      // taken from as many patterns back as make up a word.
      while distance < 8 { distance &+= offset }
      while done < distance &- offset {
        copyByte(target + done, from: offset)
        done &+= 1
      }
    }
    repeat {
      store64(load64(target - distance, done), target, done)
      done &+= 8
    } while done < length
    return
  }
  while done < length {
    copyByte(target + done, from: offset)
    done &+= 1
  }
}

@inline(__always)
private func copyByte(_ target: UnsafeMutableRawPointer, from offset: Int) {
  target.storeBytes(of: target.load(fromByteOffset: -offset, as: UInt8.self), as: UInt8.self)
}
