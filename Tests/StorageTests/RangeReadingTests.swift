import Synchronization
import Testing

@testable import Storage

@Suite struct RangeReadingTests {
  @Test(
    arguments: [
      ([], 10, []),
      ([0..<5], 10, [RangeGroup(range: 0..<5, members: [0])]),
      // In any order, touching, overlapping, and with a gap that is small enough.
      ([8..<10, 0..<5, 5..<6, 4..<7], 1, [RangeGroup(range: 0..<10, members: [1, 3, 2, 0])]),
      ([0..<5, 7..<9], 1, [RangeGroup(range: 0..<5, members: [0]), RangeGroup(range: 7..<9, members: [1])]),
      // Not beyond the limit, but a single range may be longer.
      ([0..<60, 60..<120], 1, [RangeGroup(range: 0..<60, members: [0]), RangeGroup(range: 60..<120, members: [1])]),
      ([0..<500], 1, [RangeGroup(range: 0..<500, members: [0])]),
    ] as [([Range<Int64>], Int64, [RangeGroup])])
  func rangesAreCoalesced(ranges: [Range<Int64>], gap: Int64, expected: [RangeGroup]) {
    #expect(coalesce(ranges, gap: gap, limit: 100) == expected)
  }

  /// Counts its reads.
  private final class CountedSource: RandomAccess {
    let name = "counted"
    let size: Int64 = 1_000_000
    private let reads = Mutex(0)
    var count: Int { reads.withLock { $0 } }

    func read(_ range: Range<Int64>) async throws(StorageError) -> [UInt8] {
      reads.withLock { $0 += 1 }
      guard range.upperBound <= size else { throw StorageError(.truncated, path: name, message: "too far") }
      return range.map { UInt8(truncatingIfNeeded: $0 &* 31) }
    }
  }

  @Test func manyRangesAreReadByFewReads() async throws {
    let source = CountedSource()
    let starts = (0..<100).map { Int64(99 - $0) * 7_000 }
    let ranges = starts.map { start -> Range<Int64> in start..<start + 500 }
    let parts = try await source.read(ranges)
    for (range, part) in zip(ranges, parts) {
      let expected: [UInt8] = range.map { UInt8(truncatingIfNeeded: $0 &* 31) }
      #expect(part == expected)
    }
    #expect(source.count == 1)
    #expect(try await source.read(ranges, gap: 0, width: 3).map(\.count) == Array(repeating: 500, count: 100))
    #expect(source.count == 101)
  }

  @Test func aFailedReadFailsTheWhole() async throws {
    let source = CountedSource()
    await #expect(throws: StorageError.self) { _ = try await source.read([0..<10, 999_990..<1_000_010]) }
  }
}
