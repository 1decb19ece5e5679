internal import Compression

/// What the options come to for one leaf column.
struct ChunkSettings: Sendable {
  let column: LeafColumn
  let options: ParquetWriterOptions
  /// The encoding that the caller asks for.
  let encoding: ParquetEncoding?
  let usesDictionary: Bool
  let compression: ParquetCompression
  let compressor: Compressor?
  let bloomFilterFalsePositives: Double?
  let keyValueMetadata: [(key: String, value: String?)]

  /// Settles the settings.
  ///
  /// - Parameter isTentative: whether the physical type may still change, so that no encoding can be refused yet.
  /// - Throws: ``ParquetError/Code/notSupported`` for a codec that is only read, and
  ///   ``ParquetError/Code/invalidParameter`` for an encoding that the column's type does not allow.
  init(_ column: LeafColumn, _ options: ParquetWriterOptions, isTentative: Bool) throws(ParquetError) {
    let own = options.columns[column.name] ?? ColumnWriterOptions()
    self.column = column
    self.options = options
    if !isTentative, let encoding = own.encoding, !Self.encodings(of: column.physicalType).contains(encoding) {
      throw ParquetError(.invalidParameter, "the encoding \(encoding) for \(column.physicalType.name)")
        .located(column: column.name)
    }
    encoding = own.encoding
    usesDictionary =
      column.physicalType != .boolean
      && (own.encoding.map { $0 == .rleDictionary } ?? own.usesDictionary ?? options.usesDictionary)
    compression = own.compression ?? options.compression
    let level = own.compression == nil ? own.compressionLevel ?? options.compressionLevel : own.compressionLevel
    compressor = try Self.codec(compression).map {
      Compressor(codec: $0, level: level ?? ($0 == .zstd ? 1 : nil))
    }
    if let share = own.bloomFilterFalsePositives, !(share > 0 && share < 1) {
      throw ParquetError(.invalidParameter, "a share of false positives must lie between 0 and 1")
        .located(column: column.name)
    }
    bloomFilterFalsePositives = column.physicalType == .boolean ? nil : own.bloomFilterFalsePositives
    keyValueMetadata = own.keyValueMetadata
  }

  /// The encodings that a physical type allows (apache/parquet-format, Encodings.md).
  static func encodings(of type: PhysicalType) -> [ParquetEncoding] {
    switch type {
    case .boolean: [.plain, .rle]
    case .int32, .int64: [.plain, .rleDictionary, .deltaBinaryPacked, .byteStreamSplit]
    case .float, .double: [.plain, .rleDictionary, .byteStreamSplit]
    case .int96: [.plain, .rleDictionary]
    case .byteArray: [.plain, .rleDictionary, .deltaLengthByteArray, .deltaByteArray]
    case .fixedLengthByteArray: [.plain, .rleDictionary, .byteStreamSplit, .deltaByteArray]
    }
  }

  private static func codec(_ compression: ParquetCompression) throws(ParquetError) -> CompressionCodec? {
    switch compression {
    case .uncompressed: nil
    case .snappy: .snappy
    case .gzip: .gzip
    case .brotli: .brotli
    case .zstd: .zstd
    case .lz4Raw: .lz4Raw
    case .lz4, .lzo, .unknown: throw ParquetError(.notSupported, "writing with the codec \(compression)")
    }
  }
}
