extension ColumnChunkMetadata {
  /// A chunk of which nothing is known yet.
  init() {
    physicalType = .boolean
    path = []
    encodings = []
    encodingStats = []
    codec = .uncompressed
    valueCount = 0
    totalUncompressedSize = 0
    totalCompressedSize = 0
    dataPageOffset = 0
    statistics = ColumnStatistics()
    keyValueMetadata = []
    isEncrypted = false
  }

  /// Reads a chunk (parquet.thrift, `ColumnChunk` with its `ColumnMetaData`).
  init(from reader: inout ThriftReader) throws(ParquetError) {
    self.init()
    var hasMetadata = false
    var sections = Sections()
    try reader.structure { (reader, field) throws(ParquetError) in
      switch field.id {
      case 1: filePath = try reader.string(field)
      case 3:
        hasMetadata =
          try reader.structure(field) { (reader) throws(ParquetError) in
            try readMetadata(from: &reader)
            return true
          } ?? hasMetadata
      case 4: sections.offsetIndexOffset = try reader.int64(field)
      case 5: sections.offsetIndexLength = try reader.int32(field)
      case 6: sections.columnIndexOffset = try reader.int64(field)
      case 7: sections.columnIndexLength = try reader.int32(field)
      case 8, 9:
        isEncrypted = true
        try reader.skip(field)
      default: try reader.skip(field)
      }
    }
    offsetIndex = sections.offsetIndexOffset.map { FileSection(offset: $0, length: sections.offsetIndexLength) }
    columnIndex = sections.columnIndexOffset.map { FileSection(offset: $0, length: sections.columnIndexLength) }
    guard hasMetadata || isEncrypted else { throw ParquetError(.outOfSpec, "a column chunk without metadata") }
  }

  /// Fields of which two make one value.
  private struct Sections {
    var offsetIndexOffset: Int64?
    var offsetIndexLength: Int32?
    var columnIndexOffset: Int64?
    var columnIndexLength: Int32?
  }

  private mutating func readMetadata(from reader: inout ThriftReader) throws(ParquetError) {
    var bloomOffset: Int64?
    var bloomLength: Int32?
    var chunk = self
    try reader.structure { (reader, field) throws(ParquetError) in
      switch field.id {
      case 1: chunk.physicalType = try reader.int32(field).flatMap { PhysicalType(rawValue: $0) } ?? .boolean
      case 2:
        chunk.encodings =
          try reader.list(field, of: .i32) { (reader) throws(ParquetError) in
            ParquetEncoding(rawValue: try reader.int32Element())
          } ?? []
      case 3:
        chunk.path =
          try reader.list(field, of: .binary) { (reader) throws(ParquetError) in
            try reader.stringElement()
          } ?? []
      case 4: chunk.codec = ParquetCompression(rawValue: try reader.int32(field) ?? 0)
      case 5: chunk.valueCount = try reader.int64(field) ?? 0
      case 6: chunk.totalUncompressedSize = try reader.int64(field) ?? 0
      case 7: chunk.totalCompressedSize = try reader.int64(field) ?? 0
      case 8: chunk.keyValueMetadata = try reader.keyValues(field)
      case 9: chunk.dataPageOffset = try reader.int64(field) ?? 0
      case 11: chunk.dictionaryPageOffset = try reader.int64(field)
      case 12:
        chunk.storedStatistics = try reader.structure(field) { (reader) throws(ParquetError) in
          try StoredStatistics(from: &reader)
        }
      case 13:
        chunk.encodingStats =
          try reader.list(field, of: .structure) { (reader) throws(ParquetError) in
            try PageEncodingStats(from: &reader)
          } ?? []
      case 14: bloomOffset = try reader.int64(field)
      case 15: bloomLength = try reader.int32(field)
      case 16:
        chunk.sizeStatistics = try reader.structure(field) { (reader) throws(ParquetError) in
          try SizeStatistics(from: &reader)
        }
      default: try reader.skip(field)
      }
    }
    self = chunk
    bloomFilter = bloomOffset.map { FileSection(offset: $0, length: bloomLength) }
  }

  /// Writes the chunk.
  func write(to writer: inout ThriftWriter) {
    writer.structure { writer in
      writer.string(1, filePath)
      writer.int64(2, 0)
      writer.structure(3) { writeMetadata(to: &$0) }
      writer.int64(4, offsetIndex?.offset)
      writer.int32(5, offsetIndex?.length)
      writer.int64(6, columnIndex?.offset)
      writer.int32(7, columnIndex?.length)
    }
  }

  private func writeMetadata(to writer: inout ThriftWriter) {
    writer.int32(1, physicalType.rawValue)
    writer.list(2, of: .i32, encodings) { $0.intElement(Int64($1.rawValue)) }
    writer.list(3, of: .binary, path) { $0.binaryElement(Array($1.utf8)) }
    writer.int32(4, codec.rawValue)
    writer.int64(5, valueCount)
    writer.int64(6, totalUncompressedSize)
    writer.int64(7, totalCompressedSize)
    if !keyValueMetadata.isEmpty { writer.keyValues(8, keyValueMetadata) }
    writer.int64(9, dataPageOffset)
    writer.int64(11, dictionaryPageOffset)
    if let storedStatistics { writer.structure(12) { storedStatistics.writeFields(to: &$0) } }
    if !encodingStats.isEmpty {
      writer.list(13, of: .structure, encodingStats) { writer, stats in
        writer.structure {
          $0.int32(1, stats.pageType.rawValue)
          $0.int32(2, stats.encoding.rawValue)
          $0.int32(3, stats.count)
        }
      }
    }
    writer.int64(14, bloomFilter?.offset)
    writer.int32(15, bloomFilter?.length)
    if let sizeStatistics { writer.structure(16) { sizeStatistics.writeFields(to: &$0) } }
  }
}

extension PageEncodingStats {
  /// Reads one count (parquet.thrift, `PageEncodingStats`).
  init(from reader: inout ThriftReader) throws(ParquetError) {
    self.init(pageType: .data, encoding: .plain, count: 0)
    try reader.structure { (reader, field) throws(ParquetError) in
      switch field.id {
      case 1: pageType = PageType(rawValue: try reader.int32(field) ?? 0)
      case 2: encoding = ParquetEncoding(rawValue: try reader.int32(field) ?? 0)
      case 3: count = try reader.int32(field) ?? 0
      default: try reader.skip(field)
      }
    }
  }
}

extension StoredStatistics {
  /// Reads statistics (parquet.thrift, `Statistics`).
  init(from reader: inout ThriftReader) throws(ParquetError) {
    self.init()
    try reader.structure { (reader, field) throws(ParquetError) in
      switch field.id {
      case 1: max = try reader.binary(field)
      case 2: min = try reader.binary(field)
      case 3: nullCount = try reader.int64(field)
      case 4: distinctCount = try reader.int64(field)
      case 5: maxValue = try reader.binary(field)
      case 6: minValue = try reader.binary(field)
      case 7: isMaxValueExact = try reader.bool(field)
      case 8: isMinValueExact = try reader.bool(field)
      case 9: nanCount = try reader.int64(field)
      default: try reader.skip(field)
      }
    }
  }

  /// Writes the fields.
  func writeFields(to writer: inout ThriftWriter) {
    writer.binary(1, max)
    writer.binary(2, min)
    writer.int64(3, nullCount)
    writer.int64(4, distinctCount)
    writer.binary(5, maxValue)
    writer.binary(6, minValue)
    writer.bool(7, isMaxValueExact)
    writer.bool(8, isMinValueExact)
    writer.int64(9, nanCount)
  }
}

extension SizeStatistics {
  /// Reads sizes (parquet.thrift, `SizeStatistics`).
  init(from reader: inout ThriftReader) throws(ParquetError) {
    self.init(unencodedByteArrayBytes: nil, repetitionLevelHistogram: [], definitionLevelHistogram: [])
    try reader.structure { (reader, field) throws(ParquetError) in
      switch field.id {
      case 1: unencodedByteArrayBytes = try reader.int64(field)
      case 2: repetitionLevelHistogram = try reader.int64s(field)
      case 3: definitionLevelHistogram = try reader.int64s(field)
      default: try reader.skip(field)
      }
    }
  }

  /// Writes the fields.
  func writeFields(to writer: inout ThriftWriter) {
    writer.int64(1, unencodedByteArrayBytes)
    if !repetitionLevelHistogram.isEmpty {
      writer.list(2, of: .i64, repetitionLevelHistogram) { $0.intElement($1) }
    }
    if !definitionLevelHistogram.isEmpty {
      writer.list(3, of: .i64, definitionLevelHistogram) { $0.intElement($1) }
    }
  }
}

extension ThriftReader {
  /// A list of notes (parquet.thrift, `KeyValue`).
  mutating func keyValues(_ field: ThriftField) throws(ParquetError) -> [(key: String, value: String?)] {
    try list(field, of: .structure) { (reader) throws(ParquetError) in
      var note: (key: String, value: String?) = ("", nil)
      try reader.structure { (reader, field) throws(ParquetError) in
        switch field.id {
        case 1: note.key = try reader.string(field) ?? ""
        case 2: note.value = try reader.string(field)
        default: try reader.skip(field)
        }
      }
      return note
    } ?? []
  }

  /// A list of 64-bit numbers.
  mutating func int64s(_ field: ThriftField) throws(ParquetError) -> [Int64] {
    try list(field, of: .i64) { (reader) throws(ParquetError) in try reader.int64Element() } ?? []
  }
}

extension ThriftWriter {
  /// A list of notes.
  mutating func keyValues(_ id: Int16, _ notes: [(key: String, value: String?)]) {
    list(id, of: .structure, notes) { writer, note in
      writer.structure {
        $0.string(1, note.key)
        $0.string(2, note.value)
      }
    }
  }
}
