internal import Kernels

// The first bytes of all values, then the second bytes of all values, and so on; it helps the codec behind it.
//
// Worked example, three values of four bytes: AA BB CC DD, 00 11 22 33, A3 B4 C5 D6 are stored as
// AA 00 A3 BB 11 B4 CC 22 C5 DD 33 D6.
//
// Specification: apache/parquet-format, Encodings.md, "Byte Stream Split".
struct StreamSplitReader {
  private let width: Int
  private let total: Int
  private var used = 0

  /// Starts with the first value; how many there are follows from the number of bytes.
  init(_ bytes: Span<UInt8>, width: Int) throws(ParquetError) {
    guard width > 0, bytes.count % width == 0 else {
      throw ParquetError(.outOfSpec, "byte streams of \(bytes.count) bytes for values of \(width)")
    }
    self.width = width
    total = bytes.count / width
  }

  /// Adds the next `count` values, one behind the other.
  mutating func read<Number: BitwiseCopyable>(
    _ bytes: Span<UInt8>, count: Int, into values: inout [Number]
  ) throws(ParquetError) {
    guard count <= total - used else { throw ParquetError(.outOfSpec, "byte streams end early") }
    unsafe joinStreams(bytes.bytes, width: width, total: total, first: used, count: count, appendingTo: &values)
    used += count
  }
}
