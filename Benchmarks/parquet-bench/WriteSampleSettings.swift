import Columnar
import Parquet

/// Settings of the writer, drawn at random.
struct SampleSettings {
  var options = ParquetWriterOptions()
  /// What a reader must know because of them.
  var features: Set<String> = []

  init(_ random: inout SampleColumns, _ leaves: [LeafColumn]) {
    options.compression = random.pick([.uncompressed, .snappy, .gzip, .brotli, .zstd, .lz4Raw])
    options.compressesAlways = random.once(in: 2)
    options.dataPageVersion = random.pick([.v1, .v2])
    features.insert("data pages \(options.dataPageVersion)")
    options.pageRows = random.pick([1, 7, 100, 1_000, 65_536])
    options.rowGroupRows = random.pick([50, 1_000, 1 << 20])
    options.rowGroupBytes = random.pick([20_000, 64 << 20])
    options.usesDictionary = !random.once(in: 3)
    options.dictionaryBytes = random.pick([200, 1 << 20])
    options.writesPageIndex = !random.once(in: 3)
    options.writesChecksums = !random.once(in: 3)
    if options.writesChecksums { features.insert("page checksums") }
    options.statisticsBytes = random.pick([3, 64])
    if random.once(in: 2), let leaf = leaves.first {
      options.sortingColumns = [SortingColumn(column: 0, isDescending: false, nullsFirst: true)]
      options.keyValueMetadata = [("note", "of \(leaf.name)"), ("empty", nil)]
      features.insert("sorting columns")
      features.insert("key-value metadata")
    }
    if random.once(in: 2) { for leaf in leaves { decide(leaf, &random) } }
  }

  private mutating func decide(_ leaf: LeafColumn, _ random: inout SampleColumns) {
    var own = ColumnWriterOptions()
    if !random.once(in: 3) { own.encoding = random.pick(Self.encodings(leaf.physicalType)) }
    if random.once(in: 3) { own.compression = random.pick([.uncompressed, .snappy, .gzip, .zstd, .lz4Raw]) }
    if random.once(in: 2) { own.bloomFilterFalsePositives = 0.01 }
    if random.once(in: 4) { own.keyValueMetadata = [("column", leaf.name)] }
    options.columns[leaf.name] = own
  }

  private static func encodings(_ type: PhysicalType) -> [ParquetEncoding] {
    switch type {
    case .boolean: [.plain, .rle]
    case .int32, .int64: [.plain, .rleDictionary, .deltaBinaryPacked, .byteStreamSplit]
    case .float, .double: [.plain, .rleDictionary, .byteStreamSplit]
    case .byteArray: [.plain, .rleDictionary, .deltaLengthByteArray, .deltaByteArray]
    case .fixedLengthByteArray: [.plain, .rleDictionary, .byteStreamSplit, .deltaByteArray]
    case .int96: [.plain, .rleDictionary]
    }
  }
}
