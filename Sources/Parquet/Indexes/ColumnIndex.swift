// What is known of the values of each data page of a column chunk, so that a reader can leave pages out.
//
//   ColumnIndex := { 1: list<bool> null pages, 2: list<binary> minima, 3: list<binary> maxima, 4: i32 boundary order,
//                    5: list<i64> null counts, 6: list<i64> repetition histograms, 7: list<i64> definition histograms,
//                    8: list<i64> NaN counts }
//
// All lists have one element a page, the histograms `max level + 1`. A page of nulls alone has empty bounds, and its
// bounds do not count for the boundary order. Bounds are PLAIN values without a length; they may be shortened.
//
// Worked example, two INT32 pages, 1…2 and nulls alone: 19 21 02 01 (null pages false, true), 19 28 04 01 00 00 00 00
// (minima), 19 28 04 02 00 00 00 00 (maxima), 15 02 (ascending), 00.
//
// Specification: apache/parquet-format, PageIndex.md and parquet.thrift.

/// How the bounds of successive pages lie to each other (parquet.thrift, `BoundaryOrder`).
public enum BoundaryOrder: Int32, Hashable, Sendable {
  /// Neither rising nor falling.
  case unordered = 0
  /// Minima never fall, and maxima never fall.
  case ascending = 1
  /// Minima never rise, and maxima never rise.
  case descending = 2
}

/// What is known of the values of each data page (parquet.thrift, `ColumnIndex`).
public struct ColumnIndex: Hashable, Sendable {
  /// Whether a page holds nulls alone.
  public var nullPages: [Bool] = []
  /// Lower bounds in PLAIN encoding without length; empty for a page of nulls.
  public var minValues: [[UInt8]] = []
  /// Upper bounds likewise.
  public var maxValues: [[UInt8]] = []
  /// How the bounds of successive pages lie to each other.
  public var boundaryOrder = BoundaryOrder.unordered
  /// Nulls of each page; empty where not stored.
  public var nullCounts: [Int64] = []
  /// Histograms of repetition levels, one behind the other; empty where not stored.
  public var repetitionLevelHistograms: [Int64] = []
  /// Histograms of definition levels, one behind the other; empty where not stored.
  public var definitionLevelHistograms: [Int64] = []
  /// NaN values of each page; empty where not stored.
  public var nanCounts: [Int64] = []

  /// Makes an index of no pages.
  public init() {}

  /// Reads an index and holds its lists against each other.
  init(from reader: inout ThriftReader) throws(ParquetError) {
    var index = ColumnIndex()
    try reader.structure { (reader, field) throws(ParquetError) in
      switch field.id {
      case 1:
        index.nullPages =
          try reader.list(field, of: .boolTrue) { (reader) throws(ParquetError) in try reader.boolElement() } ?? []
      case 2: index.minValues = try reader.binaries(field)
      case 3: index.maxValues = try reader.binaries(field)
      case 4: index.boundaryOrder = try reader.int32(field).flatMap { BoundaryOrder(rawValue: $0) } ?? .unordered
      case 5: index.nullCounts = try reader.int64s(field)
      case 6: index.repetitionLevelHistograms = try reader.int64s(field)
      case 7: index.definitionLevelHistograms = try reader.int64s(field)
      case 8: index.nanCounts = try reader.int64s(field)
      default: try reader.skip(field)
      }
    }
    let count = index.nullPages.count
    guard index.minValues.count == count, index.maxValues.count == count,
      index.nullCounts.isEmpty || index.nullCounts.count == count,
      index.nanCounts.isEmpty || index.nanCounts.count == count,
      count > 0 || (index.repetitionLevelHistograms.isEmpty && index.definitionLevelHistograms.isEmpty),
      count == 0 || index.repetitionLevelHistograms.count % count == 0,
      count == 0 || index.definitionLevelHistograms.count % count == 0
    else { throw ParquetError(.outOfSpec, "a column index whose lists differ in length") }
    self = index
  }

  /// The index as it lies in the file.
  func serialised() -> [UInt8] {
    var writer = ThriftWriter()
    writer.structure { writer in
      writer.list(1, of: .boolTrue, nullPages) { $0.boolElement($1) }
      writer.list(2, of: .binary, minValues) { $0.binaryElement($1) }
      writer.list(3, of: .binary, maxValues) { $0.binaryElement($1) }
      writer.int32(4, boundaryOrder.rawValue)
      if !nullCounts.isEmpty { writer.list(5, of: .i64, nullCounts) { $0.intElement($1) } }
      if !repetitionLevelHistograms.isEmpty {
        writer.list(6, of: .i64, repetitionLevelHistograms) { $0.intElement($1) }
      }
      if !definitionLevelHistograms.isEmpty {
        writer.list(7, of: .i64, definitionLevelHistograms) { $0.intElement($1) }
      }
      if !nanCounts.isEmpty { writer.list(8, of: .i64, nanCounts) { $0.intElement($1) } }
    }
    return writer.bytes
  }
}

extension ThriftReader {
  /// A list of byte strings.
  fileprivate mutating func binaries(_ field: ThriftField) throws(ParquetError) -> [[UInt8]] {
    try list(field, of: .binary) { (reader) throws(ParquetError) in try reader.binaryElement() } ?? []
  }
}
