import Simulator
import Storage
import Vitals

/// A place in a CSV file, whose first record names the columns.
struct CSVCursor: Sendable {
  private let source: any RandomAccess
  private let rules: ReplayRules
  private var reader = CSVReader()
  private var mapping: ReplayMapping?
  private var columnCount = 0
  private var position: Int64 = 0
  private var isDone = false

  private static let chunkBytes: Int64 = 1 << 18

  /// At the beginning of the file.
  init(_ source: any RandomAccess, rules: ReplayRules) { (self.source, self.rules) = (source, rules) }

  /// The readings of the next stretch, perhaps none; nil at the end.
  mutating func nextBatch(_ skipped: inout Int) async throws -> [Reading]? {
    if isDone { return nil }
    var records: [CSVReader.Record] = []
    if position < source.size {
      let end = min(position + Self.chunkBytes, source.size)
      try reader.push(try await source.read(position..<end)) { records.append($0) }
      position = end
    } else {
      try reader.finish { records.append($0) }
      isDone = true
      if mapping == nil && records.isEmpty { throw ReplayError("the file is empty") }
    }
    var readings: [Reading] = []
    for record in records { try take(record, &readings, &skipped) }
    return readings
  }

  private mutating func take(_ record: CSVReader.Record, _ readings: inout [Reading], _ skipped: inout Int) throws {
    guard let mapping else {
      mapping = try ReplayMapping(columns: record.fields, rules: rules)
      columnCount = record.fields.count
      return
    }
    guard record.fields.count == columnCount else {
      throw ReplayError("\(record.fields.count) fields, where the first line has \(columnCount)", line: record.line)
    }
    let reading = try mapping.reading(line: record.line) { .text(record.fields[$0]) }
    if let reading { readings.append(reading) } else { skipped += 1 }
  }
}
