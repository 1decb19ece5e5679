import Columnar
import Delta

/// Places rows on a curve through the space of several columns, so that rows near each other in all of them lie near
/// each other in a file (Morton's order).
///
/// Each column's values are cut into parts that hold about equally many rows, as a sample of all rows tells. The bits
/// of the parts' numbers, those of all columns in turn, are a row's place:
///
///     parts 5 = 101 and 3 = 011: place 10 01 11
///
/// A place depends on nothing but the row and the sample, so it means the same in every pool of rows.
struct ZCurve: Sendable {
  /// How many columns there may be: their bits make one word.
  static let columnLimit = 5
  private static let partBits = 12

  /// Of each column the borders between its parts.
  private let borders: [(name: String, borders: Borders)]
  /// Of each part's number its bits, so far apart that those of the other columns have room between them.
  private let spread: [UInt64]

  /// Samples the columns of an order in the rows of files.
  static func sampling(_ columns: [String], of files: [AddFile], by reader: TableFileReader) async throws -> ZCurve {
    var reader = reader
    reader.schema = Schema(reader.schema.fields.filter { columns.contains($0.name) })
    reader.isPartial = true
    var samples = columns.map { _ in Sample() }
    try await reader.read(files) { _, batch in
      for (place, name) in columns.enumerated() {
        if let column = batch.column(name) { samples[place].add(column) }
      }
    }
    return ZCurve(zip(columns, samples).map { ($0, $1.borders(parts: 1 << partBits)) })
  }

  init(_ borders: [(name: String, borders: Borders)]) {
    self.borders = borders
    spread = (0..<UInt64(1) << UInt64(Self.partBits)).map { part in
      (0..<UInt64(Self.partBits)).reduce(0) { $0 | (part >> $1 & 1) << ($1 * UInt64(borders.count)) }
    }
  }

  /// The place of each row, in the lower 60 bits.
  func places(_ pool: RowPool) -> [UInt64] {
    var places = [UInt64](repeating: 0, count: pool.rowCount)
    for (index, column) in borders.enumerated() {
      guard let values = pool.column(column.name) else { continue }
      let shift = UInt64(borders.count - 1 - index)
      let last = spread.count - 1
      for (row, part) in column.borders.parts(of: values).enumerated() {
        places[row] |= spread[part * last / max(1, column.borders.count)] << shift
      }
    }
    return places
  }
}

/// The borders between the parts of a column: a value belongs to the part behind all borders that are not above it.
enum Borders: Sendable {
  case words([UInt64])
  case texts([[UInt8]])

  /// The part of each row; rows without a value are in the last.
  func parts(of column: Column) -> [Int] {
    var parts: [Int]
    switch (self, column.values) {
    case (.texts, .dictionary(let codes, let keys)):
      let ofKeys = self.parts(of: Column(type: column.type, values: keys))
      parts = codes.map { Int($0) < ofKeys.count ? ofKeys[Int($0)] : 0 }
    case (.texts(let borders), .bytes(let strings)):
      parts = (0..<strings.count).map { row in
        Self.count(borders) { !strings[row].lexicographicallyPrecedes($0) }
      }
    case (.words(let borders), _):
      let words = SortKeys.words(column) ?? []
      parts = words.map { word in Self.count(borders) { $0 <= word } }
    default: parts = [Int](repeating: 0, count: column.count)
    }
    if let validity = column.validity {
      for row in parts.indices where !validity[row] { parts[row] = count }
    }
    return parts
  }

  var count: Int {
    switch self {
    case .words(let borders): borders.count
    case .texts(let borders): borders.count
    }
  }

  /// How many of sorted borders something holds for, which holds for none behind the first where it does not.
  private static func count<Border>(_ borders: [Border], _ holds: (Border) -> Bool) -> Int {
    var (low, high) = (0, borders.count)
    while low < high {
      let middle = (low + high) / 2
      if holds(borders[middle]) { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

/// Every so many'th value of a column: twice as rare as soon as there would be too many.
private struct Sample {
  private static let limit = 1 << 16
  private var words: [UInt64] = []
  private var texts: [[UInt8]] = []
  private var stride = 1
  private var seen = 0

  mutating func add(_ column: Column) {
    let words = SortKeys.words(column)
    for row in 0..<column.count {
      defer { seen += 1 }
      guard seen % stride == 0, column.isValid(row) else { continue }
      if let words {
        self.words.append(words[row])
      } else if case .bytes(let text) = column.scalar(at: row) {
        texts.append(text)
      }
      if self.words.count > Self.limit || texts.count > Self.limit { thin() }
    }
  }

  private mutating func thin() {
    words = words.indices.filter { $0 % 2 == 0 }.map { words[$0] }
    texts = texts.indices.filter { $0 % 2 == 0 }.map { texts[$0] }
    stride *= 2
  }

  /// Borders that cut the sample into parts; where a value is frequent there are fewer.
  func borders(parts: Int) -> Borders {
    if texts.isEmpty { return .words(Self.cut(words.sorted(), parts)) }
    return .texts(Self.cut(texts.sorted { $0.lexicographicallyPrecedes($1) }, parts))
  }

  private static func cut<Value: Equatable>(_ sorted: [Value], _ parts: Int) -> [Value] {
    var borders: [Value] = []
    for part in 1..<parts {
      let place = part * sorted.count / parts
      guard place > 0, place < sorted.count, sorted[place] != borders.last, sorted[place] != sorted[0] else { continue }
      borders.append(sorted[place])
    }
    return borders
  }
}
