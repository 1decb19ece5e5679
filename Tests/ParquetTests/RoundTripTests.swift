import Columnar
import Kernels
import Parquet
import Storage
import Testing

/// What is written comes back bit by bit, whatever the type, nulls, sizes, codec and encoding.
@Suite struct RoundTripTests {
  struct Shape: CustomTestStringConvertible {
    var count: Int
    var distinct: Int?
    var nulls: Int?
    var testDescription: String {
      "\(count) rows, \(distinct.map { "\($0) distinct" } ?? "random"), nulls \(nulls ?? -1)"
    }
  }

  static let shapes: [Shape] = [
    Shape(count: 0, distinct: nil, nulls: 3), Shape(count: 1, distinct: 1, nulls: nil),
    Shape(count: 1, distinct: 1, nulls: 10), Shape(count: 7, distinct: nil, nulls: 2),
    Shape(count: 64, distinct: 3, nulls: 5), Shape(count: 100, distinct: nil, nulls: nil),
    Shape(count: 101, distinct: 4, nulls: nil), Shape(count: 3_000, distinct: 300, nulls: 1),
    Shape(count: 3_000, distinct: nil, nulls: 9), Shape(count: 3_000, distinct: 1, nulls: 10),
    Shape(count: 9_000, distinct: 17, nulls: nil), Shape(count: 9_000, distinct: nil, nulls: 1),
  ]

  @Test("each type in each shape", arguments: shapes)
  func types(shape: Shape) async throws {
    for (index, type) in RandomColumns.types.enumerated() {
      var random = RandomColumns(seed: UInt64(index * 1_000 + shape.count))
      let column = random.column(type, count: shape.count, distinct: shape.distinct, nulls: shape.nulls)
      for usesDictionary in [true, false] {
        var options = ParquetWriterOptions()
        options.usesDictionary = usesDictionary
        options.pageRows = 100
        options.rowGroupRows = 1_000
        let file = try written([batch(column)], options: options)
        #expect(try await rows(file, column: 0) == exactRows(column), "\(type), dictionary \(usesDictionary)")
      }
    }
  }

  @Test("each codec", arguments: [.uncompressed, .snappy, .gzip, .brotli, .zstd, .lz4Raw] as [ParquetCompression])
  func codecs(codec: ParquetCompression) async throws {
    var random = RandomColumns(seed: 5)
    let columns = [
      random.column(.double, count: 5_000, distinct: 90, nulls: 2),
      random.column(.int(bits: 64), count: 5_000, distinct: nil, nulls: nil),
      random.column(.string, count: 5_000, distinct: 40, nulls: 1),
    ]
    let schema = Schema(columns.enumerated().map { Field("c\($0)", $1.type) })
    var options = ParquetWriterOptions()
    options.compression = codec
    options.compressesAlways = true
    let file = try written([RecordBatch(schema: schema, columns: columns)], options: options)
    for index in columns.indices { #expect(try await rows(file, column: index) == exactRows(columns[index])) }
    let metadata = try await ParquetFile.open(BytesSource(file)).metadata
    #expect(metadata.rowGroups[0].columns.allSatisfy { $0.codec == codec })
  }

  @Test("batches of any size become the same row groups")
  func batching() async throws {
    var random = RandomColumns(seed: 8)
    let column = random.column(.double, count: 2_500, distinct: 30, nulls: 3)
    guard case .double(let numbers) = column.values else { return }
    var options = ParquetWriterOptions()
    options.rowGroupRows = 700
    options.pageRows = 64
    let whole = try written([batch(column)], options: options)
    for size in [1, 63, 64, 699, 700, 701, 1_400] {
      let parts = stride(from: 0, to: 2_500, by: size).map { start in
        let end = min(2_500, start + size)
        let bits = column.validity.map { bits in Bitmap((start..<end).map { bits[$0] }) }
        return batch(Column(type: .double, values: .double(Array(numbers[start..<end])), validity: bits))
      }
      // Pages may be cut elsewhere, for they end with a batch's step; rows and row groups may not.
      let file = try written(parts, options: options)
      #expect(try await rows(file, column: 0) == exactRows(column), "batches of \(size)")
      #expect(try await ParquetFile.open(BytesSource(file)).metadata.rowGroups.map(\.rowCount) == [700, 700, 700, 400])
    }
    #expect(try await rows(whole, column: 0) == exactRows(column))
  }

  @Test("dictionary columns of a batch keep their meaning")
  func dictionaries() async throws {
    var strings = ByteStrings()
    for word in ["ward-1", "", "intensive care", "ward-2"] { strings.append(word.utf8) }
    let codes = (0..<20_000).map { Int32(($0 * $0) % 4) }
    for entries in [ColumnValues.bytes(strings), .bytes(ByteStrings(offsets: strings.offsets, bytes: strings.bytes))] {
      let column = Column(
        type: .string, values: .dictionary(codes: codes, values: entries),
        validity: Bitmap((0..<20_000).map { $0 % 7 != 0 }))
      let file = try written([batch(column), batch(column)])
      #expect(try await rows(file, column: 0) == exactRows(column) + exactRows(column))
    }
    let numbers = Column(type: .double, values: .dictionary(codes: [2, 0, 1, 0], values: .double([1.5, -0.0, .nan])))
    #expect(try await rows(try written([batch(numbers)]), column: 0) == exactRows(numbers))
  }

  @Test("a dictionary that outgrows its limit goes over to pages without")
  func dictionaryFallsBack() async throws {
    var options = ParquetWriterOptions()
    options.dictionaryBytes = 4_000
    options.pageRows = 2_000
    // Repeating at first, so that the dictionary pays, then new values without end.
    var random = SplitMix64(seed: 3)
    let numbers = (0..<12_000).map { $0 < 6_000 ? Int64(random.next() % 10) : Int64($0) * 7_919 }
    let strings = numbers.reduce(into: ByteStrings()) { $0.append("patient-\($1)".utf8) }
    for values in [ColumnValues.int64(numbers), .bytes(strings)] {
      let isText = values != .int64(numbers)
      let column = Column(type: isText ? .string : .int(bits: 64), values: values)
      let file = try written([batch(column)], options: options)
      #expect(try await rows(file, column: 0) == exactRows(column))
      let opened = try await ParquetFile.open(BytesSource(file))
      let encodings = try await opened.pages(rowGroup: 0, column: 0).filter { $0.type == .data }.map(\.encoding)
      #expect(encodings.first == .rleDictionary)
      #expect(encodings.last == (isText ? .deltaByteArray : .deltaBinaryPacked))
      let statistics = opened.metadata.statistics(ofColumn: 0)
      if !isText { #expect(statistics.min == .int(0) && statistics.max == .int(11_999 * 7_919)) }
    }
  }

  @Test("columns may be chosen, in any order")
  func projection() async throws {
    let schema = Schema([Field("a", .int(bits: 32)), Field("b", .string), Field("c", .double)])
    var text = ByteStrings()
    text.append("x".utf8)
    let source = RecordBatch(
      schema: schema,
      columns: [
        Column(type: .int(bits: 32), values: .int32([1])), Column(type: .string, values: .bytes(text)),
        Column(type: .double, values: .double([2])),
      ])
    let file = try await ParquetFile.open(BytesSource(try written([source])))
    let read = try await file.read(rowGroup: 0, columns: [2, 0])
    #expect(read.schema.fields.map(\.name) == ["c", "a"])
    #expect(read.columns[0].values == .double([2]))
    #expect(try await file.read(rowGroup: 0, columns: []).rowCount == 1)
  }
}
