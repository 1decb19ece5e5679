import Columnar
import Kernels
import Storage
import Testing

@testable import Parquet

/// Pages that cannot hold a match are left out, and rows that match never are.
@Suite struct PageSelectionTests {
  @Test("ranges of rows are sets")
  func ranges() {
    var random = SplitMix64(seed: 4)
    for _ in 0..<200 {
      var sets: [(Set<Int64>, RowRanges)] = []
      for _ in 0..<2 {
        var ranges = RowRanges()
        var rows: Set<Int64> = []
        var at: Int64 = 0
        while at < 40 {
          let start = at + Int64.random(in: 0...5, using: &random)
          let end = start + Int64.random(in: 0...6, using: &random)
          ranges.append(start..<end)
          rows.formUnion(start..<end)
          at = end
        }
        sets.append((rows, ranges))
      }
      let (first, second) = (sets[0], sets[1])
      #expect(Set(first.1.intersection(second.1).ranges.joined()) == first.0.intersection(second.0))
      #expect(Set(first.1.union(second.1).ranges.joined()) == first.0.union(second.0))
    }
  }

  @Test("filters leave out pages and keep every match")
  func filters() async throws {
    // Rising with a wobble, every tenth null, in pages of 100 rows and row groups of 5,000.
    let numbers: [Int64] = (0..<20_000).map { (row: Int) -> Int64 in
      let wobble: Int = (row * 7_919) % 50
      return Int64(row / 3 + wobble)
    }
    let validity = Bitmap(numbers.indices.map { (row: Int) -> Bool in row % 10 != 3 })
    var text = ByteStrings()
    for number in numbers { text.append("patient-\(number)".utf8) }
    let batch = RecordBatch(
      schema: Schema([Field("n", .int(bits: 64)), Field("t", .string, isNullable: false)]),
      columns: [
        Column(type: .int(bits: 64), values: .int64(numbers), validity: validity),
        Column(type: .string, values: .bytes(text)),
      ])
    var options = ParquetWriterOptions()
    options.rowGroupRows = 5_000
    options.pageRows = 100
    let file = try await ParquetFile.open(BytesSource(try written([batch], options: options)))
    func value(_ row: Int) -> Int64? { validity[row] ? numbers[row] : nil }
    var filters: [(filter: RowFilter, matches: (Int64?) -> Bool)] = []
    filters.append((.compare("n", .equal, .int(2_000)), { $0 == 2_000 }))
    filters.append((.compare("n", .less, .int(40)), { ($0 ?? 40) < 40 }))
    filters.append((.compare("n", .greaterOrEqual, .int(6_600)), { ($0 ?? 0) >= 6_600 }))
    let outside = RowFilter.or([.compare("n", .less, .int(30)), .compare("n", .greater, .int(6_690))])
    filters.append((outside, { ($0 ?? 30) < 30 || ($0 ?? 30) > 6_690 }))
    filters.append((.isAny("n", of: [.int(17), .int(5_000)]), { $0 == 17 || $0 == 5_000 }))
    filters.append((.isNull("n"), { $0 == nil }))
    for (filter, matches) in filters {
      var read: [Scalar] = []
      for try await batch in file.batches(where: filter) {
        for row in 0..<batch.rowCount { read.append(.structure(batch.columns.map { $0.scalar(at: row) })) }
      }
      let expected = numbers.indices.filter { (row: Int) -> Bool in matches(value(row)) }.map { row -> Scalar in
        .structure([validity[row] ? .int(numbers[row]) : .null, .bytes(Array("patient-\(numbers[row])".utf8))])
      }
      let found = Set(read)
      #expect(expected.allSatisfy { found.contains($0) }, "\(filter)")
      if filter != .isNull("n") { #expect(read.count < 3_000, "\(filter) reads \(read.count) rows") }
    }
  }

  @Test("rows in the middle are read without the pages before them being opened")
  func skipping() async throws {
    let numbers = (0..<50_000).map { Int64($0) }
    var options = ParquetWriterOptions()
    options.pageRows = 1_000
    let column = Column(
      type: .int(bits: 64), values: .int64(numbers),
      validity: Bitmap(numbers.map { (row: Int64) -> Bool in row % 11 != 5 }))
    let bytes = try written([batch(column)], options: options)
    let file = try await ParquetFile.open(BytesSource(bytes))
    for rows in [0..<1, 999..<1_001, 12_345..<23_456, 49_999..<50_000, 0..<50_000] {
      var read: [Scalar] = []
      for try await batch in file.batches(rows: Int64(rows.lowerBound)..<Int64(rows.upperBound)) {
        read += exactRows(batch.columns[0])
      }
      #expect(read == rows.map { (row: Int) -> Scalar in row % 11 == 5 ? .null : .int(Int64(row)) }, "\(rows)")
    }
  }
}
