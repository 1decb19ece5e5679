import Columnar
import Delta
import Foundation
import Parquet
import Storage
import Testing

@testable import Landing
@testable import Maintenance

@Suite("Slices")
struct SliceTests {
  private static let schema = Schema(Array(TableFixture.schema.fields.dropLast()))
  private static let order = RowOrder(["patient_id", "event_time"], slicedBy: "event_time")

  /// Rows whose times rise with their offsets.
  private static func readings(_ offsets: Range<Int64>) -> [Reading] {
    offsets.map {
      Reading(
        patient: "P\($0 * 7_919 % 23)", time: TableFixture.start + $0 * 1_000, rate: 60, partition: 0, offset: $0)
    }
  }

  private func output(_ store: any FileStore, targetBytes: Int64 = 1 << 30) -> OutputFiles {
    OutputFiles(
      OutputFiles.Form(
        schema: Self.schema, order: Self.order, folder: "", partitionValues: [:], tags: [:], targetBytes: targetBytes,
        memory: SortMemory(limit: 256 << 20), scratch: NSTemporaryDirectory()), store: store)
  }

  /// Slices rows that come in row groups of these sizes; gives the rows of each row group that was written.
  private func slices(_ groups: [Int64], memoryLimit: Int, targetBytes: Int64 = 1 << 30) async throws -> [[Reading]] {
    let fixture = TableFixture()
    var output = output(fixture.store, targetBytes: targetBytes)
    var sorter = SliceSorter(
      Self.schema, Self.order, memory: SortMemory(limit: memoryLimit), targetBytes: targetBytes)
    var start: Int64 = 0
    for count in groups {
      try await sorter.begin(rows: count, into: &output)
      for first in stride(from: start, to: start + count, by: 100) {
        let rows = Self.readings(first..<min(first + 100, start + count))
        try await sorter.add(TableFixture.batch(rows), into: &output)
      }
      start += count
    }
    try await sorter.finish(into: &output)
    try await output.finish()
    var slices: [[Reading]] = []
    for file in output.added {
      let parquet = try await ParquetFile.open(try await fixture.store.open(file.path))
      let rows = try await fixture.rows(of: file)
      var first = 0
      for group in parquet.metadata.rowGroups {
        #expect(group.sortingColumns.map(\.column) == [0, 1])
        slices.append(Array(rows[first..<first + Int(group.rowCount)]))
        first += Int(group.rowCount)
      }
    }
    return slices
  }

  private func check(_ slices: [[Reading]], rows: Int64) {
    #expect(slices.flatMap(\.self).byOrigin == Self.readings(0..<rows))
    for slice in slices { #expect(slice == slice.sorted()) }
    for (slice, next) in zip(slices, slices.dropFirst()) {
      #expect((slice.map(\.time).max() ?? 0) < (next.map(\.time).min() ?? 0))
    }
  }

  /// Memory in which a slice of so many rows fits.
  private func memory(forRows count: Int64) throws -> Int {
    var pool = RowPool(Self.schema, dictionaryLimit: 1 << 20)
    try pool.append(TableFixture.batch(Self.readings(0..<count)))
    return pool.byteCount * 5
  }

  @Test("each is sorted by itself, and they follow each other in time")
  func sorted() async throws {
    let slices = try await slices([Int64](repeating: 500, count: 40), memoryLimit: try memory(forRows: 5_000))
    check(slices, rows: 20_000)
    #expect((3...8).contains(slices.count))
    // Row groups that are small stay whole.
    #expect(slices.allSatisfy { $0.count.isMultiple(of: 500) })
  }

  /// Without this a slice would take in the end of one row group and the beginning of the next, both with all their
  /// times, and slices would overlap more each time a file is written again.
  @Test("a row group that was a slice stays one, beside what is left of another")
  func again() async throws {
    let slices = try await slices([4_000, 100, 200, 4_000, 900, 4_000], memoryLimit: try memory(forRows: 4_500))
    check(slices, rows: 13_200)
    let counts = slices.map(\.count)
    #expect(counts == [4_000, 300, 4_000, 900, 4_000] || counts == [4_300, 4_000, 900, 4_000])
  }

  @Test("a row group larger than memory becomes several")
  func large() async throws {
    let slices = try await slices([9_000], memoryLimit: try memory(forRows: 2_000))
    check(slices, rows: 9_000)
    #expect(slices.count > 2)
  }

  @Test("a file ends where a slice does, and has the wanted size nevertheless")
  func files() async throws {
    let slices = try await slices([Int64](repeating: 500, count: 40), memoryLimit: 256 << 20, targetBytes: 100_000)
    check(slices, rows: 20_000)
    #expect(slices.count > 4)
  }

  @Test("a compaction slices by itself, and rows that are erased leave the slices apart")
  func erased() async throws {
    let fixture = TableFixture()
    for start in stride(from: Int64(0), to: 3_000, by: 500) { try await fixture.append(start..<start + 500) }
    var options = TableFixture.options
    options.targetBytes = 60_000
    _ = try await Compactor(store: fixture.store, options: options).run()
    let before = try await groups(fixture)
    #expect(before.count > 2)
    _ = try await RowRemoval(store: fixture.store, condition: "patient_id = 'P7'", options: options).run()
    let after = try await groups(fixture)
    #expect(after == before.map { $0.filter { $0.patient != "P7" } })
  }

  /// The rows of each row group of the table; each stands in the order that it claims.
  private func groups(_ fixture: TableFixture) async throws -> [[Reading]] {
    var groups: [[Reading]] = []
    for file in try await fixture.open().snapshot.files.sorted(by: { $0.stats ?? "" < $1.stats ?? "" }) {
      let parquet = try await ParquetFile.open(try await fixture.store.open(file.path))
      let rows = try await fixture.rows(of: file)
      var first = 0
      for group in parquet.metadata.rowGroups {
        let own = Array(rows[first..<first + Int(group.rowCount)])
        #expect(group.sortingColumns.map(\.column) == [0, 1])
        #expect(own.indices.dropFirst().allSatisfy { !(own[$0] < own[$0 - 1]) })
        groups.append(own)
        first += own.count
      }
    }
    return groups.sorted { $0.byOrigin[0].offset < $1.byOrigin[0].offset }
  }

  @Test("files come in the order of their lowest values, those that say none at the end")
  func fileOrder() {
    func file(_ name: String, _ low: String?) -> AddFile {
      AddFile(
        path: name, partitionValues: [:], size: 1, modificationTime: 1,
        stats: low.map { "{\"numRecords\":1,\"minValues\":{\"event_time\":\"\($0)\"}}" })
    }
    let files = [
      file("a", nil), file("b", "2026-01-03T00:00:00.000Z"), file("c", "2026-01-02T00:00:00.000Z"), file("d", nil),
      file("e", "2026-01-02T00:00:00.000Z"), file("f", "no time"),
    ]
    #expect(files.ordered(by: "event_time", Self.schema).map(\.path) == ["c", "e", "b", "a", "d", "f"])
    #expect(files.ordered(by: "nothing", Self.schema).map(\.path) == files.map(\.path))
  }

  @Test("the mark on a file tells its order")
  func mark() {
    for order in [
      RowOrder(["a", "b"]), RowOrder(["a", "b"], isZOrder: true), RowOrder(["a"], slicedBy: "b"), .none,
    ] {
      let file = AddFile(
        path: "a", partitionValues: [:], size: 1, modificationTime: 1, tags: [RowOrder.tag: order.text])
      #expect(RowOrder(file) == order)
    }
  }
}
