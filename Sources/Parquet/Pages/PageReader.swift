internal import Compression

/// A page's header and where it lies.
struct StoredPage {
  var header: PageHeader
  /// Where the header begins in the file.
  var offset: Int64
  /// Bytes of the header.
  var headerSize: Int
  /// The page's bytes as stored.
  var body: PageBytes
}

/// Walks through the pages of one column chunk, of which it holds a window of bytes at a time.
///
/// It does no input: ``next()`` says which bytes it needs, and ``supply(_:at:)`` brings them. What stands between bytes
/// and page belongs here: an encrypted module would be opened in ``next()``, header and body apart.
struct PageReader {
  /// What ``next()`` gives.
  enum Step {
    case page(StoredPage)
    /// These bytes of the file are needed first.
    case needs(Range<Int64>)
    case end
  }

  private let chunk: Range<Int64>
  private let codec: ParquetCompression
  private let limits: ReaderLimits
  private var window: [UInt8] = []
  private var windowStart: Int64
  private var position: Int64
  private var pageCount = 0
  /// Bytes to ask for beyond what is known to be needed.
  private let step: Int64
  /// Which bytes of the chunk are wanted; `nil` where all are.
  private let plan: PagePlan?

  /// Reads the pages of a chunk.
  ///
  /// - Parameters:
  ///   - step: how many bytes to ask for at once, or more where a page is larger.
  ///   - plan: which pages are wanted, so that no bytes are asked for ahead that are not.
  init(chunk: Range<Int64>, codec: ParquetCompression, limits: ReaderLimits, step: Int64, plan: PagePlan? = nil) {
    self.chunk = chunk
    self.plan = plan
    self.codec = codec
    self.limits = limits
    self.step = max(step, 4 << 10)
    windowStart = chunk.lowerBound
    position = chunk.lowerBound
  }

  /// Takes bytes of the file that were asked for.
  mutating func supply(_ bytes: [UInt8], at offset: Int64) {
    window = bytes
    windowStart = offset
  }

  private var windowEnd: Int64 { windowStart + Int64(window.count) }

  /// What to ask for so that at least `count` bytes from here on are at hand; never empty.
  private func request(_ count: Int64) -> Range<Int64> {
    let ahead = min(position + step, plan?.end(at: position) ?? chunk.upperBound)
    return position..<min(chunk.upperBound, max(position + max(count, 1), ahead))
  }

  /// Goes on at a page further on.
  mutating func jump(to offset: Int64) throws(ParquetError) {
    guard offset >= position, offset < chunk.upperBound else {
      throw ParquetError(.outOfSpec, "an offset index that leads out of its chunk", offset: offset)
    }
    position = offset
  }

  /// The next page.
  mutating func next() throws(ParquetError) -> Step {
    if position >= chunk.upperBound { return .end }
    guard position >= windowStart, position < windowEnd else { return .needs(request(0)) }
    let start = Int(position - windowStart)
    // A coalesced read may hold the neighbours too: they are no part of the chunk.
    let end = Int(min(windowEnd, chunk.upperBound) - windowStart)
    var reader = ThriftReader(window, range: start..<end, base: windowStart, limits: limits)
    let header: PageHeader
    do throws(ParquetError) {
      header = try PageHeader(from: &reader, limits: limits)
    } catch {
      // A header may be cut by the window's end: then more bytes help, but not without bound.
      let held = Int64(end - start)
      if reader.endsEarly, windowEnd < chunk.upperBound, held < Self.largestHeader {
        return .needs(request(held * 2))
      }
      throw error.located(offset: position)
    }
    let headerSize = reader.position - start
    let pageEnd = position + Int64(headerSize) + Int64(header.compressedSize)
    guard pageEnd <= chunk.upperBound else {
      throw ParquetError(
        .outOfSpec,
        "a page of \(header.compressedSize) bytes where its chunk has \(Int(chunk.upperBound - position) - headerSize)",
        offset: position)
    }
    if pageEnd > windowEnd { return .needs(request(pageEnd - position)) }
    pageCount += 1
    guard pageCount <= limits.pagesPerChunk else {
      throw ParquetError(.wouldOverAllocate, "a column chunk of more than \(limits.pagesPerChunk) pages")
    }
    defer { position = pageEnd }
    return .page(
      StoredPage(
        header: header, offset: position, headerSize: headerSize,
        body: PageBytes(bytes: window, range: reader.position..<reader.position + header.compressedSize)))
  }

  /// Bytes that a page header may have, statistics of the page included.
  private static let largestHeader: Int64 = 16 << 20

  /// Compares a page with its checksum, where it has one.
  func verify(_ page: StoredPage) throws(ParquetError) {
    guard let stored = page.header.crc else { return }
    let actual = unsafe crc32(page.body.bytes.span.bytes.extracting(page.body.range))
    guard actual == stored else {
      throw ParquetError(.outOfSpec, "the page differs from its checksum", offset: page.offset)
    }
  }

  /// The decompressed bytes of a part of a page, which must be `size` of them.
  func decompress(
    _ part: PageBytes, size: Int, with decompressor: inout Decompressor
  ) throws(ParquetError) -> PageBytes {
    let compression: CompressionCodec
    switch codec {
    case .uncompressed: return part
    case .snappy: compression = .snappy
    case .gzip: compression = .gzip
    case .brotli: compression = .brotli
    case .zstd: compression = .zstd
    case .lz4Raw: compression = .lz4Raw
    case .lz4: compression = .lz4Hadoop
    case .lzo, .unknown: throw ParquetError(.notSupported, "the codec \(codec)")
    }
    // Some writers store nothing at all for no values.
    if part.range.isEmpty && size == 0 { return PageBytes() }
    let output: [UInt8]
    do throws(CompressionError) {
      output = try unsafe decompressor.decompress(
        part.bytes.span.bytes.extracting(part.range), codec: compression, limit: size)
    } catch {
      throw ParquetError(.outOfSpec, error.description)
    }
    guard output.count == size else {
      throw ParquetError(.outOfSpec, "a page of \(output.count) bytes where \(size) are declared")
    }
    return PageBytes(bytes: output, range: 0..<size)
  }
}
