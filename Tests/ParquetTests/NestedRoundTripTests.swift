import Columnar
import Parquet
import Storage
import Testing

/// Nested columns of random type, nulls and sizes come back as they were.
@Suite struct NestedRoundTripTests {
  /// A random column around leaves of ``RandomColumns``, and the type that it has.
  private struct Maker {
    var random: RandomColumns

    private mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &random.generator) }

    mutating func type(depth: Int) -> DataType {
      guard depth > 0 else { return RandomColumns.types[1 + below(RandomColumns.types.count - 1)] }
      switch below(4) {
      case 0: return .list(Field("element", type(depth: depth - 1), isNullable: below(2) == 0))
      case 1:
        return .structure((0...below(3)).map { Field("f\($0)", type(depth: depth - 1), isNullable: below(2) == 0) })
      case 2:
        return .map(
          key: Field("key", .string, isNullable: false),
          value: Field("value", type(depth: depth - 1), isNullable: below(2) == 0))
      default: return type(depth: depth - 1)
      }
    }

    mutating func column(_ field: Field, count: Int) -> Column {
      var column = column(field.type, count: count)
      if field.isNullable, below(3) > 0 {
        column.validity = Bitmap((0..<count).map { _ in below(4) > 0 })
      }
      return column
    }

    private mutating func column(_ type: DataType, count: Int) -> Column {
      switch type {
      case .list(let item): return list(type, count) { $0.column(item, count: $1) }
      case .map(let key, let value):
        return list(type, count) { maker, size in
          let parts = [maker.column(key, count: size), maker.column(value, count: size)]
          return Column(type: .structure([key, value]), values: .structure(parts, count: size))
        }
      case .structure(let fields):
        return Column(type: type, values: .structure(fields.map { column($0, count: count) }, count: count))
      default: return random.column(type, count: count, distinct: below(2) == 0 ? 5 : nil, nulls: nil)
      }
    }

    private mutating func list(
      _ type: DataType, _ count: Int, _ items: (inout Maker, Int) -> Column
    ) -> Column {
      var offsets: [Int32] = [0]
      for _ in 0..<count { offsets.append(offsets[offsets.count - 1] + Int32(below(4))) }
      return Column(type: type, values: .list(offsets: offsets, items: items(&self, Int(offsets[count]))))
    }
  }

  @Test("random types of any depth", arguments: 0..<60)
  func random(seed: Int) async throws {
    var maker = Maker(random: RandomColumns(seed: UInt64(seed) &* 77 &+ 5))
    let field = Field("c", maker.type(depth: seed % 5), isNullable: seed % 3 > 0)
    let count = [0, 1, 40, 700][seed % 4]
    let column = maker.column(field, count: count)
    let batch = RecordBatch(schema: Schema([field]), columns: [column])
    var options = ParquetWriterOptions()
    options.pageRows = [1, 13, 5_000][seed % 3]
    options.rowGroupRows = [100, 5_000][seed % 2]
    options.dataPageVersion = seed % 2 == 0 ? .v1 : .v2
    options.usesDictionary = seed % 5 > 0
    options.compression = seed % 7 == 0 ? .zstd : .snappy
    let file = try written([batch], options: options)
    let opened = try await ParquetFile.open(BytesSource(file))
    var read: [Scalar] = []
    for group in opened.metadata.rowGroups.indices {
      let part = try await opened.read(rowGroup: group)
      read += (0..<part.rowCount).map { bits(part.columns[0].scalar(at: $0)) }
    }
    #expect(read == (0..<count).map { bits(column.scalar(at: $0)) }, "\(field.type)")
  }

  /// Floats by their bits, so that equality is identity.
  private func bits(_ scalar: Scalar) -> Scalar {
    switch scalar {
    case .float(let value): .unsigned(UInt64(value.bitPattern))
    case .double(let value): .unsigned(value.bitPattern)
    case .list(let items): .list(items.map { bits($0) })
    case .structure(let items): .structure(items.map { bits($0) })
    default: scalar
    }
  }
}
