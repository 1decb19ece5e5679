import Columnar
import Foundation
import Kernels
import Parquet
import Storage
import Testing

@testable import Landing
@testable import Maintenance

@Suite("Sorting")
struct SortingTests {
  private static let schema = Schema(Array(TableFixture.schema.fields.dropLast()))

  private func pool(_ rows: [Reading]) throws -> RowPool {
    var pool = RowPool(Self.schema, dictionaryLimit: 1 << 20)
    for start in stride(from: 0, to: rows.count, by: 100) {
      try pool.append(TableFixture.batch(Array(rows[start..<min(start + 100, rows.count)])))
    }
    return pool
  }

  @Test("positions of rows by several columns, nulls last, equal rows in their order")
  func positions() throws {
    let rows = TableFixture.readings(0..<1_000).map { row in
      var row = row
      row.time = row.time / 100_000_000
      return row
    }
    let order = RowOrder(["patient_id", "event_time"])
    let positions = try SortKeys.positions(try pool(rows), order)
    // The library's sort keeps no order of equal elements, so they are told apart by their place.
    let expected = rows.indices.sorted {
      rows[$0] == rows[$1] || !(rows[$0] < rows[$1] || rows[$1] < rows[$0]) ? $0 < $1 : rows[$0] < rows[$1]
    }
    #expect(positions.map { Int($0) } == expected)
  }

  @Test("numbers from end to end of their range, and what is no number")
  func extremes() throws {
    let schema = Schema([Field("i", .int(bits: 64)), Field("u", .unsigned(bits: 32)), Field("d", .double)])
    var pool = RowPool(schema, dictionaryLimit: 1)
    let batch = RecordBatch(
      schema: schema,
      columns: [
        Column(
          type: .int(bits: 64), values: .int64([0, .max, .min, -1, 5]),
          validity: Bitmap([true, true, true, true, false])),
        Column(type: .unsigned(bits: 32), values: .int32([-1, 0, 1, .min, .max])),
        Column(type: .double, values: .double([.nan, -0.0, 0.0, -.infinity, .infinity])),
      ])
    try pool.append(batch)
    #expect(try SortKeys.positions(pool, RowOrder(["i"])).prefix(3) == [2, 3, 0])
    #expect(try SortKeys.positions(pool, RowOrder(["u"])) == [1, 2, 4, 3, 0])
    #expect(try SortKeys.positions(pool, RowOrder(["d"])) == [3, 1, 2, 4, 0])
    #expect(try SortKeys.positions(pool, RowOrder(["d", "i"])) == [3, 2, 1, 4, 0])
  }

  @Test("places on a curve: bits of all columns in turn, the parts of each equally full, nulls last")
  func curve() throws {
    let schema = Schema([Field("a", .int(bits: 64)), Field("b", .string)])
    var pool = RowPool(schema, dictionaryLimit: 1 << 10)
    var texts = ByteStrings()
    for text in ["x", "y", "x", "y", "y"] { texts.append(text.utf8) }
    try pool.append(
      RecordBatch(
        schema: schema,
        columns: [
          Column(
            type: .int(bits: 64), values: .int64([-5, -5, 7, 7, 0]),
            validity: Bitmap([true, true, true, true, false])),
          Column(type: .string, values: .bytes(texts)),
        ]))
    let sign: UInt64 = 1 << 63
    let curve = ZCurve([("a", .words([sign + 1])), ("b", .texts([Array("y".utf8)]))])
    // One border in each column: its parts are the smallest and the largest of twelve bits.
    let low: UInt64 = 0x555_555
    #expect(curve.places(pool) == [0, low, low << 1, low << 1 | low, low << 1 | low])
    #expect(try SortKeys.positions(pool, RowOrder(["a", "b"]), curve) == [0, 1, 2, 3, 4])
  }

  @Test("texts by their bytes, the empty one and shared beginnings too")
  func texts() {
    var strings = ByteStrings()
    let words = ["abcdefghi", "", "abcdefgh", "b", "a", "abcdefghia", "\u{0}", "ä"]
    for word in words { strings.append(word.utf8) }
    let sorted = TextOrder.positions(strings).map { words[Int($0)] }
    #expect(sorted == words.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) })
  }

  @Test("the radix sort against the library's", arguments: [UInt64(1), 0xFF, 1 << 40, .max])
  func radix(limit: UInt64) {
    var random = SplitMix64(seed: limit)
    let keys = (0..<5_000).map { _ in UInt64.random(in: 0...limit, using: &random) }
    var positions = (0..<UInt32(keys.count)).map { $0 }
    sortPositions(&positions, by: keys.span)
    #expect(positions == (0..<UInt32(keys.count)).sorted { (keys[Int($0)], $0) < (keys[Int($1)], $1) })
  }

  @Test("more rows than fit into memory", arguments: [1, 2, 3, 5])
  func external(runs: Int) async throws {
    let rows = TableFixture.readings(0..<20_000)
    let whole = try pool(rows).byteCount
    #expect(try await sorted(rows, memoryLimit: whole * 5 / runs + 20_000) >= runs - 1)
  }

  /// All runs were once open together, with a row group of each in memory, which went over its limit with many.
  @Test("more runs than are merged at once become fewer on the way")
  func manyRuns() async throws {
    let rows = TableFixture.readings(0..<20_000)
    let whole = try pool(rows).byteCount
    #expect(1..<64 ~= (try await sorted(rows, memoryLimit: whole * 5 / 100)))
  }

  /// Sorts rows, checks them, and gives the number of runs at the end.
  private func sorted(_ rows: [Reading], memoryLimit: Int) async throws -> Int {
    var sorter = ExternalSorter(
      Self.schema, RowOrder(["patient_id", "event_time"]), memory: SortMemory(limit: memoryLimit),
      scratch: NSTemporaryDirectory())
    for start in stride(from: 0, to: rows.count, by: 50) {
      try await sorter.add(TableFixture.batch(Array(rows[start..<start + 50])))
    }
    let runs = sorter.runCount
    let store = MemoryFileStore()
    var output = OutputFiles(
      OutputFiles.Form(
        schema: Self.schema, order: .none, folder: "", partitionValues: [:], tags: [:], targetBytes: 1 << 30,
        memory: SortMemory(limit: 64 << 20), scratch: NSTemporaryDirectory()), store: store)
    try await sorter.finish(into: &output)
    try await output.finish()
    let written = try await TableFixture(store).rows(of: try #require(output.added.first))
    #expect(written == rows.sorted())
    return runs
  }

  /// Each row once got a copy of its own when there were more texts than the dictionary was to hold, and a pool of long
  /// texts that repeat grew to many times its size.
  @Test("long texts that repeat stay shared, and those that no row has any more go")
  func longTexts() throws {
    var pool = RowPool(Schema([Field("t", .string)]), dictionaryLimit: 8_000)
    let words = (0..<64).map { String(repeating: "long ", count: 100) + "\($0)" }
    var strings = ByteStrings()
    for word in words { strings.append(word.utf8) }
    let codes = (0..<2_000).map { Int32($0 % 64) }
    for round in 0..<3 {
      let values = ColumnValues.dictionary(codes: codes, values: .bytes(strings))
      let column = Column(type: .string, values: round == 1 ? values.withoutDictionary().sliced(0..<64) : values)
      try pool.append(RecordBatch(schema: pool.schema, columns: [column]))
    }
    #expect(pool.byteCount < 150_000)
    let expected = (codes + codes.prefix(64) + codes).map { Scalar.bytes(Array(words[Int($0)].utf8)) }
    let taken = pool.taking((0..<4_064).map { UInt32($0) }).columns[0]
    #expect((0..<4_064).map { taken.scalar(at: $0) } == expected)
    pool.keep([70, 6, 4_063])
    #expect(pool.byteCount < 2_000)
    let kept = pool.taking([0, 1, 2]).columns[0]
    #expect((0..<3).map { kept.scalar(at: $0) } == [6, 6, 15].map { .bytes(Array(words[$0].utf8)) })
  }

  /// The texts of a column are counted in 32 bits: with memory for more of them a pool could not take a batch.
  @Test("however much memory there is, a pool stays below what a column of texts holds")
  func muchMemory() {
    let memory = SortMemory(limit: 1 << 40)
    #expect(2 * (memory.poolBytes + memory.batchBytes + memory.dictionaryBytes) < Int(Int32.max))
    #expect(SortMemory(limit: 256 << 20).poolBytes == (256 << 20) / 5)
  }

  @Test("a pool gives up its dictionary when texts become too many, and keeps all rows")
  func manyTexts() async throws {
    var pool = RowPool(Schema([Field("t", .string)]), dictionaryLimit: 64)
    var expected: [Scalar] = []
    for round in 0..<4 {
      var strings = ByteStrings()
      for item in 0..<8 { strings.append("text \(round * round) \(item)".utf8) }
      let codes = (0..<20).map { Int32($0 % 8) }
      let column = Column(
        type: .string, values: .dictionary(codes: codes, values: .bytes(strings)),
        validity: round == 2 ? Bitmap(repeating: false, count: 20) : nil)
      try pool.append(RecordBatch(schema: pool.schema, columns: [column]))
      expected += (0..<20).map { column.scalar(at: $0) }
    }
    let taken = pool.taking((0..<80).reversed())
    #expect((0..<80).map { taken.columns[0].scalar(at: 79 - $0) } == expected)
  }
}
