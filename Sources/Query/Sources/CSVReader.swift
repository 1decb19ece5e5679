internal import Columnar
internal import Storage

/// Reads the CSV files of a scan one after the other, batch by batch; in memory is a piece of a file at a time.
struct CSVReader: BatchReader {
  private let scan: Scan
  private let format: CSVFormat
  private var nextFile = 0
  private var source: (any RandomAccess)?
  private var parser: CSVParser
  private var offset: Int64 = 0
  /// Whether the line of names is still to come.
  private var isBeforeHeader = false
  /// Bytes that are read at once.
  private static let piece: Int64 = 1 << 20

  init(_ scan: Scan, _ format: CSVFormat) {
    self.scan = scan
    self.format = format
    parser = CSVParser(delimiter: format.delimiter, quote: format.quote, name: "")
  }

  /// The next batch that has rows; `nil` behind the last.
  mutating func next() async throws -> Batch? {
    while true {
      if source == nil {
        guard nextFile < scan.table.files.files.count else { return nil }
        guard scan.mayHold(file: nextFile) else {
          nextFile += 1
          continue
        }
        let opened = try await scan.table.files.source(nextFile)
        parser = CSVParser(delimiter: format.delimiter, quote: format.quote, name: opened.name)
        (source, offset, isBeforeHeader) = (opened, 0, format.hasHeader)
        nextFile += 1
      }
      guard let source else { continue }
      let end = min(source.size, offset + Self.piece)
      let bytes = try await source.read(offset..<end)
      offset = end
      let records = try parser.parse(bytes, isLast: end == source.size)
      if end == source.size { self.source = nil }
      let batch = try scan.apply(try self.batch(records, source.name))
      if batch.count > 0 { return batch }
    }
  }

  private mutating func batch(_ records: CSVRecords, _ name: String) throws(QueryError) -> Batch {
    var rows: [Int] = []
    let width = format.names.count
    for record in 0..<records.count {
      let fields = records.fields(of: record)
      // A line with nothing on it is no record, but where there is only one column.
      if fields.count == 1, width > 1, records.fields[fields.lowerBound].isEmpty { continue }
      guard fields.count == width else {
        throw QueryError(
          .value, "\(name): line \(records.lines[record]): \(fields.count) fields, where the first line has \(width)")
      }
      if isBeforeHeader {
        isBeforeHeader = false
        let names = fields.map { String(decoding: records.fields[$0], as: UTF8.self) }
        guard zip(names, format.names).allSatisfy({ $0.isEmpty || $1.hasPrefix($0) }) else {
          throw QueryError(.value, "\(name): its columns are not those of the first file")
        }
        continue
      }
      rows.append(record)
    }
    var columns: [Vector] = []
    for index in scan.columns {
      let column = scan.table.columns[index]
      switch column.kind {
      case .file: columns.append(try vector(index, records, rows, name))
      default: columns.append(try scan.table.constant(column, ofFile: nextFile - 1))
      }
    }
    return Batch(columns: columns, count: rows.count)
  }

  /// The values of a column.
  private func vector(
    _ column: Int, _ records: CSVRecords, _ rows: [Int], _ name: String
  ) throws(QueryError) -> Vector {
    let type = format.types[column]
    var values: [Value] = []
    values.reserveCapacity(rows.count)
    for row in rows {
      let place = records.starts[row] + column
      let field = records.fields[place]
      if !records.isQuoted[place], field.isEmpty || field.elementsEqual(format.nullText) {
        values.append(.null)
        continue
      }
      guard let value = CSVField.value(field, type) else {
        throw QueryError(
          .value,
          "\(name): line \(records.lines[row]), column \"\(format.names[column])\": no \(type.name), which the lines "
            + "before it are – read_csv('…', all_varchar = true) reads texts")
      }
      values.append(value)
    }
    return Vector(type, values)
  }
}
