/// Adds, for each code, the value of `width` bytes at that position.
///
/// - Precondition: each code is below the number of values in `dictionary`, checked once by the largest.
public func gatherFixed(_ codes: Span<UInt32>, width: Int, from dictionary: RawSpan, appendingTo output: inout [UInt8])
{
  if codes.isEmpty || width == 0 { return }
  precondition(width > 0 && (Int(maximum(codes)) + 1) * width <= dictionary.byteCount, "codes within the dictionary")
  dictionary.withUnsafeBytes { source in
    codes.withUnsafeBufferPointer { positions in
      appendWritten(positions.count * width, to: &output) { target in
        let base = source.baseAddress.unsafelyUnwrapped
        var at = UnsafeMutableRawPointer(target)
        for position in positions {
          at.copyMemory(from: base + Int(position) &* width, byteCount: width)
          at += width
        }
      }
    }
  }
}
