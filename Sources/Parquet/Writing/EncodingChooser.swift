internal import Compression

/// Chooses how a column chunk's values are encoded, by trying on the first of them.
///
/// Encodings that every current reader knows are tried on a sample, as they would be stored: encoded, then compressed.
/// The smallest wins; PLAIN wins where the others save less than a twentieth, for it is read fastest.
struct EncodingChooser {
  let settings: ChunkSettings

  /// How many of a page's values are tried: a quarter, so that small files do not pay for their encoding twice, yet
  /// enough of them to tell and no more than that needs.
  static func sampleCount(_ values: PageValues) -> Int { min(8_192, max(512, values.count / 4)) }

  /// Bytes that a payload takes once stored.
  private func storedSize(_ payload: [UInt8]) throws(ParquetError) -> Int {
    guard let compressor = settings.compressor else { return payload.count }
    return min(payload.count, try compressor.compressed(payload).count)
  }

  /// Encodings without a dictionary that are tried, besides PLAIN.
  private var alternatives: [ParquetEncoding] {
    switch settings.column.physicalType {
    case .boolean: [.rle]
    case .int32, .int64: [.deltaBinaryPacked]
    // The streams are worth nothing without a codec behind them.
    case .float, .double: settings.options.triesByteStreamSplit && settings.compressor != nil ? [.byteStreamSplit] : []
    case .byteArray: [.deltaLengthByteArray, .deltaByteArray]
    // Of values of one length some readers know PLAIN alone.
    case .int96, .fixedLengthByteArray: []
    }
  }

  /// The best encoding without a dictionary, and what the sample takes in it.
  func chooseWithoutDictionary(
    _ sample: PageValues
  ) throws(ParquetError) -> (encoding: ParquetEncoding, size: Int) {
    if let encoding = settings.encoding, encoding != .rleDictionary { return (encoding, 0) }
    var plain: [UInt8] = []
    sample.encode(.plain, codeWidth: 0, into: &plain)
    var best = (encoding: ParquetEncoding.plain, size: try storedSize(plain))
    var bound = best.size - best.size / 20
    for encoding in alternatives {
      var payload: [UInt8] = []
      sample.encode(encoding, codeWidth: 0, into: &payload)
      let size = try storedSize(payload)
      if size < bound {
        best = (encoding, size)
        bound = size
      }
    }
    return best
  }

  /// Whether codes and entries of the chunk's first page are smaller than any other encoding of it.
  func dictionaryPays(_ values: PageValues) throws(ParquetError) -> Bool {
    if settings.encoding == .rleDictionary || isPlainlyRepetitive(values) { return true }
    let codes = Array(values.codes.prefix(Self.sampleCount(values)))
    var payload: [UInt8] = []
    encodeHybrid(codes.span, width: values.codeWidth, appendingTo: &payload)
    let size = try storedSize(payload) + entryShare(values, of: codes.count)
    let other = try chooseWithoutDictionary(values.sample(Self.sampleCount(values)))
    return size < other.size
  }

  /// Bytes of the dictionary's entries that so many values have to bear, once the chunk is full.
  ///
  /// A full page has others behind it, which share its entries and add ever fewer. Of `n` draws out of `D` values
  /// `d(n) = D (1 - x²)` differ, `x = exp(-n / 2D)`; so `x = d(n) / d(n / 2) - 1`, and four pages have
  /// `d(4n) = D (1 - x⁸) = d(n) (1 + x²) (1 + x⁴)` entries.
  private func entryShare(_ values: PageValues, of count: Int) -> Int {
    let single = values.entryBytes * count / max(values.count, 1)
    guard values.count * 2 >= settings.options.pageRows, values.count > 1 else { return single }
    // Codes are given in order of first occurrence, so the largest tells how many there were.
    let half = Double(values.codes.prefix(values.count / 2).max() ?? 0) + 1
    let x = Double(values.dictionaryCount) / half - 1
    let entries = Double(values.entryBytes) * (1 + x * x) * (1 + x * x * x * x)
    guard entries < Double(settings.options.dictionaryBytes) else { return single }
    return Int(entries * Double(count) / Double(4 * values.count))
  }

  /// Whether byte strings repeat so often that their codes take a fraction of any other encoding of them.
  private func isPlainlyRepetitive(_ values: PageValues) -> Bool {
    settings.encoding == nil && settings.column.physicalType == .byteArray
      && values.dictionaryCount * 16 <= values.count
  }

  /// Bits of a code: whole bytes where a codec makes more of them than of packed bits.
  ///
  /// Seven-bit codes cross byte borders, and an entropy coder sees noise; in eight bits it sees the values.
  func codeWidth(_ values: PageValues) throws(ParquetError) -> Int {
    let width = values.codeWidth
    guard settings.compressor != nil, width > 0, width < 8 else { return width }
    let codes = Array(values.codes.prefix(Self.sampleCount(values)))
    var sizes: [Int] = []
    for width in [width, 8] {
      var payload: [UInt8] = []
      encodeHybrid(codes.span, width: width, appendingTo: &payload)
      sizes.append(try storedSize(payload))
    }
    return sizes[1] < sizes[0] - sizes[0] / 32 ? 8 : width
  }
}

extension Compressor {
  /// The compressed form of bytes; `borders` as of ``compress(_:borders:appendingTo:)``.
  func compressed(_ bytes: [UInt8], borders: [Int] = []) throws(ParquetError) -> [UInt8] {
    var output: [UInt8] = []
    do throws(CompressionError) {
      try unsafe compress(bytes.span.bytes, borders: borders, appendingTo: &output)
    } catch {
      throw ParquetError(.invalidParameter, error.description)
    }
    return output
  }
}
