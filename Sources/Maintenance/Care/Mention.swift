import Columnar
import FoundationEssentials
import Parquet

/// Tells rows that name somebody: one of some ids is the value of the column of ids, or stands in any other text or in
/// bytes, as in a record that could not be read.
///
/// In texts an id must stand alone: `P0004` is not found in `P00042`, nor in `XP0004`. In bytes that are no text, such
/// as Avro, whatever stands beside it may be a length, and it is found anywhere: rather a record too many than one that
/// is left. Headers of dead letters hold base64, which is looked into. An id that is written with escapes is not found.
public struct Mention: Sendable {
  private let ids: [[UInt8]]
  /// Bytes of the longest id.
  let longest: Int
  private let column: String

  /// Looks for ids, of which empty ones find nothing.
  ///
  /// - Parameter column: the column whose values are ids, in tables that have it.
  public init(of ids: [String], column: String) {
    self.ids = ids.map { Array($0.utf8) }.filter { !$0.isEmpty }
    self.column = column
    longest = self.ids.map(\.count).max() ?? 0
  }

  // MARK: Files

  /// The places of the rows in a file.
  func rows(of file: ParquetFile) async throws -> NumberSet {
    var rows = NumberSet()
    let fields = file.metadata.schema.fields
    let chosen = fields.indices.filter { fields[$0].name == column || Self.mayHoldText(fields[$0].type) }
    if chosen.isEmpty { return rows }
    var options = ReadOptions()
    options.batchBytes = 8 << 20
    var first: Int64 = 0
    for try await batch in file.batches(columns: try file.metadata.projection(columns: chosen), options: options) {
      try Task.checkCancellation()
      for (field, column) in zip(batch.schema.fields, batch.columns) {
        for (row, isHit) in hits(column, field.name).enumerated() where isHit { _ = rows.insert(first + Int64(row)) }
      }
      first += Int64(batch.rowCount)
    }
    return rows
  }

  private static func mayHoldText(_ type: DataType) -> Bool {
    switch type {
    case .string, .enumeration, .json, .bson, .binary, .fixedBinary: true
    case .list(let item): mayHoldText(item.type)
    case .map(let key, let value): mayHoldText(key.type) || mayHoldText(value.type)
    case .structure(let fields): fields.contains { mayHoldText($0.type) }
    default: false
    }
  }

  /// Whether the folder of a file names somebody.
  func isNamed(in partitionValues: [String: String?]) -> Bool {
    partitionValues.contains { name, text in isHit(Array((text ?? "").utf8)[...], name) }
  }

  // MARK: Columns

  /// For each row of a column whether it names somebody.
  func hits(_ column: Column, _ name: String) -> [Bool] {
    var hits: [Bool]
    switch column.values {
    case .bytes(let strings): hits = (0..<strings.count).map { isHit(strings[$0], name) }
    case .dictionary(let codes, let values):
      let isKeyHit = self.hits(Column(type: column.type, values: values), name)
      hits = codes.map { Int($0) < isKeyHit.count && isKeyHit[Int($0)] }
    case .fixed(let width, let bytes):
      hits = (0..<column.count).map { isHit(bytes[$0 * width..<($0 + 1) * width], name) }
    case .structure(let children, let count):
      hits = [Bool](repeating: false, count: count)
      for child in children {
        for (row, isHit) in self.hits(child, "").enumerated() where isHit { hits[row] = true }
      }
    case .list(let offsets, let items):
      let isItemHit = self.hits(items, "")
      hits = zip(offsets, offsets.dropFirst()).map { isItemHit[Int($0)..<Int($1)].contains(true) }
    default:
      guard name == self.column else { return [] }
      hits = (0..<column.count).map { row in
        if case .int(let number) = column.scalar(at: row) { isHit(Array("\(number)".utf8)[...], name) } else { false }
      }
    }
    if let validity = column.validity { for row in hits.indices where !validity[row] { hits[row] = false } }
    return hits
  }

  private func isHit(_ text: ArraySlice<UInt8>, _ name: String) -> Bool {
    if name == column { return ids.contains { text.elementsEqual($0) } }
    return isNamed(in: text) || (name == "headers" && Self.encoded(in: text).contains { isNamed(in: $0[...]) })
  }

  // MARK: Texts

  /// Whether any of the ids stands in a text, or in bytes.
  func isNamed(in text: ArraySlice<UInt8>) -> Bool {
    let isText = !text.contains { $0 < 0x20 && $0 != 0x09 && $0 != 0x0A && $0 != 0x0D }
    return ids.contains { Self.contains(text, $0, alone: isText) }
  }

  private static func contains(_ text: ArraySlice<UInt8>, _ id: [UInt8], alone: Bool) -> Bool {
    guard let first = id.first, text.count >= id.count else { return false }
    var start = text.startIndex
    while let found = text[start...].firstIndex(of: first), text.endIndex - found >= id.count {
      let end = found + id.count
      if text[found..<end].elementsEqual(id) {
        let before = found > text.startIndex && isPartOfWord(text[found - 1])
        let after = end < text.endIndex && isPartOfWord(text[end])
        if !alone || (!before && !after) { return true }
      }
      start = found + 1
    }
    return false
  }

  /// Letters and digits, and bytes of letters beyond ASCII.
  private static func isPartOfWord(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x80...: true
    default: false
    }
  }

  /// What the quoted words of a JSON text say where they are base64.
  private static func encoded(in text: ArraySlice<UInt8>) -> [[UInt8]] {
    text.split(separator: UInt8(ascii: "\"")).compactMap { Data(base64Encoded: Data($0)).map { Array($0) } }
  }
}
