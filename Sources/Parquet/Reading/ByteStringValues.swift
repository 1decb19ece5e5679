internal import Columnar
internal import Kernels

/// The byte strings of a leaf: codes as long as all pages are dictionary-encoded, else the strings themselves.
struct ByteStringValues: LeafValues {
  /// How the values of the current page are read, and how far.
  private enum Source {
    case plain(position: Int)
    case codes(CodeReader)
    case delta(DeltaStringReader)
  }

  private let limit: Int
  private let keepsDictionary: Bool
  private var strings = ByteStrings()
  private var codes: [Int32] = []
  private var dictionary: ByteStrings?
  /// Whether the batch consists of codes so far.
  private var isDictionary: Bool
  private var page = PageBytes()
  private var source = Source.plain(position: 0)
  private var positions: [UInt32] = []
  /// Each code at its own place, for picking codes as elements.
  private var numbering: [Int32] = []

  /// - Parameters:
  ///   - limit: bytes that all strings of a batch may have.
  ///   - keepsDictionary: whether codes are kept as such.
  init(limit: Int, keepsDictionary: Bool) {
    self.limit = limit
    self.keepsDictionary = keepsDictionary
    isDictionary = keepsDictionary
  }

  var bytesPerValue: Int { 4 }
  var byteCount: Int { isDictionary ? codes.count * 4 : strings.offsets.count * 4 + strings.bytes.count }

  mutating func readDictionary(_ page: PageBytes, count: Int) throws(ParquetError) {
    var entries = ByteStrings()
    let body = page.bytes.span.extracting(page.range)
    _ = try Self.appendPlain(body, from: 0, count: count, limit: Int(Int32.max), to: &entries)
    dictionary = entries
  }

  mutating func begin(_ page: PageBytes, encoding: ParquetEncoding, limit: Int) throws(ParquetError) {
    let body = page.bytes.span.extracting(page.range)
    switch encoding {
    case .plainDictionary, .rleDictionary:
      source = .codes(try CodeReader(body, dictionaryCount: dictionary?.count))
    case .plain: source = .plain(position: 0)
    case .deltaLengthByteArray:
      source = .delta(try DeltaStringReader(body, hasPrefixes: false, limit: limit))
    case .deltaByteArray: source = .delta(try DeltaStringReader(body, hasPrefixes: true, limit: limit))
    default: throw unsupported(encoding, "byte strings")
    }
    self.page = page
  }

  mutating func endPage() { page = PageBytes() }

  mutating func reserve(_ count: Int) {
    if isDictionary, dictionary != nil {
      codes.reserveCapacity(count)
    } else {
      strings.offsets.reserveCapacity(count + 1)
    }
  }

  mutating func append(count: Int) throws(ParquetError) {
    let page = page
    let body = page.bytes.span.extracting(page.range)
    switch source {
    case .codes(var reader):
      if isDictionary {
        try reader.read(body, count: count, appendingTo: &codes)
      } else {
        try reader.read(body, count: count, into: &positions)
        try appendStrings(of: positions)
      }
      source = .codes(reader)
    case .plain(let position):
      try leaveDictionary()
      source = .plain(position: try Self.appendPlain(body, from: position, count: count, limit: limit, to: &strings))
    case .delta(var reader):
      try leaveDictionary()
      try reader.read(body, count: count, limit: limit, into: &strings)
      source = .delta(reader)
    }
  }

  /// Codes that stay codes.
  var isPickable: Bool { entries != nil }

  var entries: ColumnValues? {
    guard case .codes = source, isDictionary, let dictionary else { return nil }
    return .bytes(dictionary)
  }

  func find(count: Int, flags: [UInt8]) throws(ParquetError) -> [UInt32] {
    guard case .codes(let reader) = source else { return [] }
    return try reader.find(page.bytes.span.extracting(page.range), count: count, flags: flags)
  }

  mutating func pick(count: Int, at places: [UInt32]) throws(ParquetError) {
    guard case .codes(var reader) = source, isDictionary, let dictionary else {
      throw ParquetError(.notSupported, "picking of strings in this encoding")
    }
    let page = page
    let body = page.bytes.span.extracting(page.range)
    if places.isEmpty {
      try reader.skip(body, count: count)
    } else {
      if numbering.count != dictionary.count { numbering = (0..<Int32(dictionary.count)).map { $0 } }
      try reader.pick(body, count: count, at: places, in: numbering, appendingTo: &codes)
    }
    source = .codes(reader)
  }

  private static func appendPlain(
    _ body: Span<UInt8>, from position: Int, count: Int, limit: Int, to target: inout ByteStrings
  ) throws(ParquetError) -> Int {
    let read = unsafe decodePlainBytes(
      body.bytes.extracting(position..<body.count), count: count, appendingOffsetsTo: &target.offsets,
      bytesTo: &target.bytes)
    guard let read else { throw ParquetError(.outOfSpec, "strings longer than their page, or 2 GiB of them") }
    guard target.bytes.count <= limit else {
      throw ParquetError(.wouldOverAllocate, "more than \(limit) bytes of strings in one batch")
    }
    return position + read
  }

  /// From the first page on that is not dictionary-encoded, the batch's strings are kept as such.
  private mutating func leaveDictionary() throws(ParquetError) {
    guard isDictionary else { return }
    isDictionary = false
    let positions = codes.map { UInt32(bitPattern: $0) }
    codes = []
    if (dictionary?.count ?? 0) == 0 {
      // Only rows without a value so far.
      appendRepeating(0, count: positions.count, to: &strings.offsets)
    } else {
      try appendStrings(of: positions)
    }
  }

  private mutating func appendStrings(of positions: [UInt32]) throws(ParquetError) {
    guard let dictionary, !positions.isEmpty else { return }
    let offsets = dictionary.offsets
    var total = strings.bytes.count
    for position in positions { total += Int(offsets[Int(position) + 1] - offsets[Int(position)]) }
    guard total <= limit else {
      throw ParquetError(.wouldOverAllocate, "more than \(limit) bytes of strings in one batch")
    }
    let fits = unsafe gatherBytes(
      positions.span, offsets: offsets.span, bytes: dictionary.bytes.span.bytes,
      appendingOffsetsTo: &strings.offsets, bytesTo: &strings.bytes)
    guard fits else { throw ParquetError(.wouldOverAllocate, "more than 2 GiB of strings in one batch") }
  }

  mutating func spread(rows: Range<Int>, validity: Bitmap, validCount: Int) {
    let added = rows.count - validCount
    if isDictionary {
      appendZeros(added, to: &codes)
      var span = codes.mutableSpan
      spreadRows(&span, rows: rows, validity: validity.words.span, validCount: validCount, filler: 0)
    } else {
      appendZeros(added, to: &strings.offsets)
      var span = strings.offsets.mutableSpan
      spreadOffsets(&span, rows: rows, validity: validity.words.span, validCount: validCount)
    }
  }

  mutating func take() -> ColumnValues {
    let result: ColumnValues
    if !isDictionary {
      result = .bytes(strings)
    } else if codes.isEmpty && dictionary == nil {
      result = .bytes(ByteStrings())
    } else {
      result = .dictionary(codes: codes, values: .bytes(dictionary ?? ByteStrings()))
    }
    strings = ByteStrings()
    codes = []
    isDictionary = keepsDictionary
    return result
  }
}
