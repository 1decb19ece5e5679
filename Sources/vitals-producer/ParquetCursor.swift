import Columnar
import Parquet
import Simulator
import Vitals

/// A place in a Parquet file; one row group is in memory at a time.
struct ParquetCursor: Sendable {
  private let file: ParquetFile
  private let rules: ReplayRules
  private var mapping: ReplayMapping?
  private var nextGroup = 0
  private var group: RecordBatch?
  private var row = 0
  private var rowsBefore = 0

  private static let batchRows = 16_384

  /// At the beginning of the file.
  init(_ file: ParquetFile, rules: ReplayRules) { (self.file, self.rules) = (file, rules) }

  /// The readings of the next rows, perhaps none; nil at the end.
  mutating func nextBatch(_ skipped: inout Int) async throws -> [Reading]? {
    let mapping = try mapping ?? ReplayMapping(columns: file.metadata.schema.fields.map(\.name), rules: rules)
    self.mapping = mapping
    while group == nil || row == group?.rowCount {
      guard nextGroup < file.metadata.rowGroups.count else { return nil }
      rowsBefore += group?.rowCount ?? 0
      group = try await file.read(rowGroup: nextGroup, columns: mapping.usedColumns)
      nextGroup += 1
      row = 0
    }
    guard let group else { return nil }
    // The batch holds the used columns alone: their positions in the file lead to those in the batch.
    var place = [Int](repeating: 0, count: file.metadata.schema.fields.count)
    for (index, column) in mapping.usedColumns.enumerated() { place[column] = index }
    let end = min(row + Self.batchRows, group.rowCount)
    var readings: [Reading] = []
    for row in row..<end {
      let reading = try mapping.reading(line: rowsBefore + row + 1) {
        RecordedValue(group.columns[place[$0]], row: row)
      }
      if let reading { readings.append(reading) } else { skipped += 1 }
    }
    row = end
    return readings
  }
}

extension RecordedValue {
  /// The value of one row of a column; types that no reading is made of count as text that fits nothing.
  init(_ column: Column, row: Int) {
    guard column.isValid(row) else {
      self = .missing
      return
    }
    self.init(column.values, type: column.type, row: row)
  }

  private init(_ values: ColumnValues, type: DataType, row: Int) {
    switch values {
    case .boolean(let bits): self = .flag(bits[row])
    case .int32(let numbers):
      self = type == .date ? .instant(Int64(numbers[row]) * 86_400_000) : .number(Double(numbers[row]))
    case .int64(let numbers):
      if case .timestamp(let unit, _) = type {
        // Rounded down, also before 1970.
        let perMilli = unit.perSecond / 1_000
        let (quotient, rest) = numbers[row].quotientAndRemainder(dividingBy: perMilli)
        self = .instant(rest < 0 ? quotient - 1 : quotient)
      } else {
        self = .number(Double(numbers[row]))
      }
    case .float(let numbers): self = .number(Double(numbers[row]))
    case .double(let numbers): self = .number(numbers[row])
    case .bytes(let strings): self = .text(String(decoding: strings[row], as: UTF8.self))
    case .fixed: self = .text("binary")
    case .list, .structure: self = .text("nested")
    case .dictionary(let codes, let values): self.init(values, type: type, row: Int(codes[row]))
    }
  }
}
