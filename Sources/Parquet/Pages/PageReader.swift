internal import Compression

/// A page's header and where its bytes lie within the chunk.
struct StoredPage {
  var header: PageHeader
  var headerStart: Int
  var body: Range<Int>
}

/// Walks through the pages of one column chunk and opens them.
struct PageReader: ~Copyable {
  /// The stored bytes; the chunk is `range` of them.
  let bytes: [UInt8]
  private let end: Int
  private let base: Int64
  private let codec: ParquetCompression
  private let limits: ReaderLimits
  private var position: Int
  private var decompressor = Decompressor()

  /// Reads a chunk that lies in `range` of `bytes`, of which the first stands at `base` in the file.
  init(bytes: [UInt8], range: Range<Int>, base: Int64, codec: ParquetCompression, limits: ReaderLimits) {
    self.bytes = bytes
    self.base = base
    self.codec = codec
    self.limits = limits
    position = range.lowerBound
    end = range.upperBound
  }

  /// Where in the file a position of the bytes stands.
  func fileOffset(_ position: Int) -> Int64 { base + Int64(position) }

  /// The next page; `nil` at the end of the chunk.
  mutating func next() throws(ParquetError) -> StoredPage? {
    if position >= end { return nil }
    let start = position
    var reader = ThriftReader(bytes, range: position..<end, base: base, limits: limits)
    let header: PageHeader
    do throws(ParquetError) {
      header = try PageHeader(from: &reader, limits: limits)
    } catch {
      throw error.located(offset: fileOffset(start))
    }
    guard header.compressedSize <= end - reader.position else {
      throw ParquetError(
        .outOfSpec, "a page of \(header.compressedSize) bytes where its chunk has \(end - reader.position) left",
        offset: fileOffset(start))
    }
    position = reader.position + header.compressedSize
    return StoredPage(header: header, headerStart: start, body: reader.position..<position)
  }

  /// Compares a page with its checksum, where it has one.
  func verify(_ page: StoredPage) throws(ParquetError) {
    guard let stored = page.header.crc else { return }
    let actual = unsafe crc32(bytes.span.bytes.extracting(page.body))
    guard actual == stored else {
      throw ParquetError(.outOfSpec, "the page differs from its checksum", offset: fileOffset(page.headerStart))
    }
  }

  /// The decompressed bytes of a range of a page, which must be `size` of them.
  mutating func decompress(_ range: Range<Int>, size: Int) throws(ParquetError) -> PageBytes {
    let compression: CompressionCodec
    switch codec {
    case .uncompressed: return PageBytes(bytes: bytes, range: range)
    case .snappy: compression = .snappy
    case .gzip: compression = .gzip
    case .brotli: compression = .brotli
    case .zstd: compression = .zstd
    case .lz4Raw: compression = .lz4Raw
    case .lz4: compression = .lz4Hadoop
    case .lzo, .unknown: throw ParquetError(.notSupported, "the codec \(codec)")
    }
    // Some writers store nothing at all for no values.
    if range.isEmpty && size == 0 { return PageBytes(bytes: [], range: 0..<0) }
    let stored = bytes
    let output: [UInt8]
    do throws(CompressionError) {
      output = try unsafe decompressor.decompress(
        stored.span.bytes.extracting(range), codec: compression, limit: size)
    } catch {
      throw ParquetError(.outOfSpec, error.description)
    }
    guard output.count == size else {
      throw ParquetError(.outOfSpec, "a page of \(output.count) bytes where \(size) are declared")
    }
    return PageBytes(bytes: output, range: 0..<size)
  }
}

/// A stretch of bytes without a copy.
struct PageBytes {
  let bytes: [UInt8]
  let range: Range<Int>
}
