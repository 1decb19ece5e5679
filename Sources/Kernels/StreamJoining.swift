/// Adds values whose bytes lie in streams: byte `b` of value `i` is byte `b * total + i`.
///
/// - Precondition: `streams` holds `total * width` bytes, values `first ..< first + count` are among the `total`, and
///   `width` is a whole number of elements.
@inlinable
public func joinStreams<T: BitwiseCopyable>(
  _ streams: RawSpan, width: Int, total: Int, first: Int, count: Int, appendingTo output: inout [T]
) {
  let stride = MemoryLayout<T>.stride
  precondition(width > 0 && width % stride == 0 && streams.byteCount >= total * width, "whole streams")
  precondition(first >= 0 && count >= 0 && first + count <= total, "values of the streams")
  if count == 0 { return }
  let elements = count * (width / stride)
  output.append(addingCapacity: elements) { span in
    span.withUnsafeMutableBufferPointer { buffer, used in
      streams.withUnsafeBytes { source in
        joinBytes(
          source.baseAddress.unsafelyUnwrapped + first, width: width, total: total, count: count,
          into: UnsafeMutableRawPointer(buffer.baseAddress.unsafelyUnwrapped))
      }
      used = elements
    }
  }
}

/// The loops behind ``joinStreams(_:width:total:first:count:appendingTo:)``.
@usableFromInline
func joinBytes(_ source: UnsafeRawPointer, width: Int, total: Int, count: Int, into target: UnsafeMutableRawPointer) {
  switch width {
  case 4: joinWords(source, total, count, target, UInt32.self)
  case 8: joinWords(source, total, count, target, UInt64.self)
  case 2: joinWords(source, total, count, target, UInt16.self)
  default:
    for stream in 0..<width {
      let from = source + stream * total
      for index in 0..<count {
        target.storeBytes(
          of: from.load(fromByteOffset: index, as: UInt8.self), toByteOffset: index &* width &+ stream, as: UInt8.self)
      }
    }
  }
}

@inline(__always)
private func joinWords<Word: FixedWidthInteger & BitwiseCopyable>(
  _ source: UnsafeRawPointer, _ total: Int, _ count: Int, _ target: UnsafeMutableRawPointer, _: Word.Type
) {
  let width = MemoryLayout<Word>.size
  for index in 0..<count {
    var word: Word = 0
    for stream in 0..<width {
      word |=
        Word(truncatingIfNeeded: source.load(fromByteOffset: stream &* total &+ index, as: UInt8.self))
        &<< Word(truncatingIfNeeded: stream &* 8)
    }
    target.storeBytes(of: word.littleEndian, toByteOffset: index &* width, as: Word.self)
  }
}
