internal import Columnar
internal import Kernels

/// A number of fixed size whose memory is its PLAIN encoding.
protocol StoredNumber: BitwiseCopyable {
  /// All bits zero.
  static var zero: Self { get }
  /// Whether DELTA_BINARY_PACKED is defined for the type.
  static var hasDelta: Bool { get }
  /// Adds numbers as DELTA_BINARY_PACKED gives them.
  static func append(deltas: [Int64], to numbers: inout [Self])
  /// The layout of a column of these.
  static func values(_ array: [Self]) -> ColumnValues
}

extension Int32: StoredNumber {
  static var hasDelta: Bool { true }
  static func append(deltas: [Int64], to numbers: inout [Int32]) { appendNarrowed(deltas.span, to: &numbers) }
  static func values(_ array: [Int32]) -> ColumnValues { .int32(array) }
}

extension Int64: StoredNumber {
  static var hasDelta: Bool { true }
  static func append(deltas: [Int64], to numbers: inout [Int64]) { numbers.append(contentsOf: deltas) }
  static func values(_ array: [Int64]) -> ColumnValues { .int64(array) }
}

extension Float: StoredNumber {
  static var hasDelta: Bool { false }
  static func append(deltas: [Int64], to numbers: inout [Float]) {}
  static func values(_ array: [Float]) -> ColumnValues { .float(array) }
}

extension Double: StoredNumber {
  static var hasDelta: Bool { false }
  static func append(deltas: [Int64], to numbers: inout [Double]) {}
  static func values(_ array: [Double]) -> ColumnValues { .double(array) }
}

/// The numbers of a leaf.
struct NumericValues<Number: StoredNumber>: LeafValues {
  /// How the values of the current page are read, and how far.
  private enum Source {
    case plain(used: Int)
    case codes(CodeReader)
    case split(StreamSplitReader)
    case delta(DeltaReader)
  }

  private var numbers: [Number] = []
  private var dictionary: [Number]?
  private var page = PageBytes()
  private var source = Source.plain(used: 0)
  private var deltas: [Int64] = []

  init() {}

  var bytesPerValue: Int { MemoryLayout<Number>.stride }
  var byteCount: Int { numbers.count * bytesPerValue }

  mutating func readDictionary(_ page: PageBytes, count: Int) throws(ParquetError) {
    let body = page.bytes.span.extracting(page.range)
    let range = try plainRange(body, used: 0, count: count, width: bytesPerValue)
    var entries: [Number] = []
    unsafe appendRaw(body.bytes.extracting(range), to: &entries)
    dictionary = entries
  }

  mutating func begin(_ page: PageBytes, encoding: ParquetEncoding, limit: Int) throws(ParquetError) {
    let body = page.bytes.span.extracting(page.range)
    switch encoding {
    case .plain: source = .plain(used: 0)
    case .plainDictionary, .rleDictionary:
      source = .codes(try CodeReader(body, dictionaryCount: dictionary?.count))
    case .byteStreamSplit: source = .split(try StreamSplitReader(body, width: bytesPerValue))
    case .deltaBinaryPacked where Number.hasDelta:
      source = .delta(try DeltaReader(body, position: 0, limit: limit))
    default: throw unsupported(encoding, "numbers")
    }
    self.page = page
  }

  mutating func endPage() { page = PageBytes() }

  mutating func reserve(_ count: Int) { numbers.reserveCapacity(count) }

  mutating func append(count: Int) throws(ParquetError) {
    let page = page
    let body = page.bytes.span.extracting(page.range)
    switch source {
    case .plain(let used):
      let range = try plainRange(body, used: used, count: count, width: bytesPerValue)
      unsafe appendRaw(body.bytes.extracting(range), to: &numbers)
      source = .plain(used: used + count)
    case .codes(var reader):
      try reader.lookUp(body, count: count, in: dictionary ?? [], appendingTo: &numbers)
      source = .codes(reader)
    case .split(var reader):
      try reader.read(body, count: count, into: &numbers)
      source = .split(reader)
    case .delta(var reader):
      deltas.removeAll(keepingCapacity: true)
      try reader.read(body, count: count, into: &deltas)
      source = .delta(reader)
      let found = deltas
      Number.append(deltas: found, to: &numbers)
    }
  }

  var isPickable: Bool {
    switch source {
    case .plain, .codes: true
    case .split, .delta: false
    }
  }

  var entries: ColumnValues? {
    guard case .codes = source, let dictionary else { return nil }
    return Number.values(dictionary)
  }

  func find(count: Int, flags: [UInt8]) throws(ParquetError) -> [UInt32] {
    guard case .codes(let reader) = source else { return [] }
    return try reader.find(page.bytes.span.extracting(page.range), count: count, flags: flags)
  }

  mutating func pick(count: Int, at places: [UInt32]) throws(ParquetError) {
    let page = page
    let body = page.bytes.span.extracting(page.range)
    switch source {
    case .plain(let used):
      let whole = try plainRange(body, used: used, count: count, width: bytesPerValue)
      for place in places where Int(place) < count {
        let start = whole.lowerBound + Int(place) * bytesPerValue
        unsafe appendRaw(body.bytes.extracting(start..<start + bytesPerValue), to: &numbers)
      }
      source = .plain(used: used + count)
    case .codes(var reader):
      if places.isEmpty {
        try reader.skip(body, count: count)
      } else {
        try reader.pick(body, count: count, at: places, in: dictionary ?? [], appendingTo: &numbers)
      }
      source = .codes(reader)
    case .split, .delta: throw ParquetError(.notSupported, "picking of values in this encoding")
    }
  }

  mutating func spread(rows: Range<Int>, validity: Bitmap, validCount: Int) {
    appendZeros(rows.count - validCount, to: &numbers)
    var span = numbers.mutableSpan
    spreadRows(&span, rows: rows, validity: validity.words.span, validCount: validCount, filler: .zero)
  }

  mutating func take() -> ColumnValues {
    let result = Number.values(numbers)
    numbers = []
    return result
  }
}
