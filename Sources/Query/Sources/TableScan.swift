internal import Columnar
internal import Parquet
internal import Synchronization

/// The bound that rows must reach to be among the first of an order; it only ever becomes tighter.
final class RunningBound: Sendable {
  let column: Int
  let isDescending: Bool
  private let best: Mutex<Int64?> = Mutex(nil)

  init(column: Int, isDescending: Bool) {
    self.column = column
    self.isDescending = isDescending
  }

  var value: Int64? { best.withLock { $0 } }

  /// Tells that enough rows are known which reach this value.
  func tighten(_ value: Int64) {
    best.withLock { known in
      guard let old = known else {
        known = value
        return
      }
      known = isDescending ? max(old, value) : min(old, value)
    }
  }
}

/// A piece of a table that one thread reads: a row group.
struct Morsel: Sendable {
  var file: Int
  var rowGroup: Int
  /// Where its rows come in the order of all.
  var sequence: UInt64
}

/// Hands out the row groups of a table.
actor MorselQueue {
  private let scan: Scan
  private var groups: [Morsel] = []
  private var nextFile = 0
  private var opening = 0

  init(_ scan: Scan) { self.scan = scan }

  /// The next row group; `nil` behind the last.
  func next() async throws -> Morsel? {
    while true {
      if !groups.isEmpty { return groups.removeFirst() }
      let files = scan.table.files
      if nextFile < files.files.count {
        let index = nextFile
        nextFile += 1
        guard scan.mayHold(file: index) else { continue }
        opening += 1
        defer { opening -= 1 }
        let metadata = try await files.open(index).metadata
        var found = metadata.rowGroups.indices.map {
          Morsel(file: index, rowGroup: $0, sequence: UInt64(index) << 12 | UInt64($0 & 0xFFF))
        }
        if let bound = scan.bound { found = sorted(found, by: bound, metadata) }
        groups += found
      } else if opening > 0 {
        await Task.yield()
      } else {
        return nil
      }
    }
  }

  /// The row groups that can hold the first rows of the order come first.
  private func sorted(_ groups: [Morsel], by bound: RunningBound, _ metadata: ParquetMetadata) -> [Morsel] {
    let name = scan.table.columns[scan.columns[bound.column]].name
    guard let leaf = metadata.columns.firstIndex(where: { $0.name == name }) else { return groups }
    func edge(_ morsel: Morsel) -> Int64? {
      let statistics = metadata.rowGroups[morsel.rowGroup].columns[leaf].statistics
      guard case .int(let value)? = bound.isDescending ? statistics.max : statistics.min else { return nil }
      return value
    }
    return groups.map { ($0, edge($0)) }.sorted { a, b in
      guard let left = a.1, let right = b.1 else { return a.1 != nil && b.1 == nil }
      return bound.isDescending ? left > right : left < right
    }.map(\.0)
  }
}

/// Reads one row group for a scan: batch after batch of its columns, of rows that pass its filters.
struct MorselReader {
  private let scan: Scan
  private let morsel: Morsel
  private var iterator: RecordBatches.AsyncIterator?
  /// Further rows to read, the next ones last.
  private var ranges: [Range<Int64>] = []
  private let file: ParquetFile
  private let projection: Projection
  private let filter: RowFilter?
  private let record: ScanRecord
  /// For each column of the scan: its place in the file's batches, or what stands for all its rows.
  private var places: [Int?] = []
  private var constants: [Vector] = []
  private var nextRow: Int64 = 0
  private var dictionaries: [Int: TextDictionary] = [:]

  init(_ scan: Scan, _ morsel: Morsel, _ record: ScanRecord) async throws {
    self.scan = scan
    self.morsel = morsel
    self.record = record
    let file = try await scan.table.files.open(morsel.file)
    let schema = file.metadata.schema
    var read: [Int] = []
    for index in scan.columns {
      let column = scan.table.columns[index]
      if column.kind == .file, let position = schema.index(of: column.name) {
        let place = read.firstIndex(of: position) ?? read.count
        if place == read.count { read.append(position) }
        places.append(place)
        constants.append(.null(column.type))
      } else {
        places.append(nil)
        constants.append(try scan.table.constant(column, ofFile: morsel.file))
      }
    }
    let hasRowNumbers = scan.columns.contains { scan.table.columns[$0].kind == .rowNumber }
    let pushing = FilterPushing(table: scan.table, columns: scan.columns, schema: schema)
    var filters = hasRowNumbers ? [] : scan.filters.compactMap { pushing.filter($0) }
    if !hasRowNumbers, let bound = scan.bound, let value = bound.value,
      let field = schema.fields.first(where: { $0.name == scan.table.columns[scan.columns[bound.column]].name }),
      let filter = pushing.compare(field, bound.isDescending ? .greaterOrEqual : .lessOrEqual, .int(value))
    {
      filters.append(filter)
    }
    let start = file.metadata.firstRow(ofRowGroup: morsel.rowGroup)
    nextRow = start
    let (end, overflow) = start.addingReportingOverflow(file.metadata.rowGroups[morsel.rowGroup].rowCount)
    guard !overflow, start >= 0, end >= start else {
      throw QueryError(.value, "\(file.name): a row group with an impossible number of rows")
    }
    let rows = start..<end
    filter = filters.isEmpty ? nil : .and(filters)
    projection = try file.metadata.projection(columns: read)
    self.file = file
    ranges = [rows]
    if !hasRowNumbers, record.isSelective, read.count > 1,
      let late = try await LateRows(scan: scan, file: file).ranges(in: rows)
    {
      record.add(seen: rows.count, kept: 0)
      ranges = late.reversed()
    }
  }

  /// The next batch of the file as it is.
  private mutating func read() async throws -> RecordBatch? {
    while true {
      if let batch = try await iterator?.next() { return batch }
      guard let rows = ranges.popLast() else { return nil }
      iterator = file.batches(columns: projection, rows: rows, where: filter).makeAsyncIterator()
    }
  }

  /// The next batch that has rows; `nil` behind the last.
  mutating func next() async throws -> Batch? {
    while let batch = try await read() {
      var columns: [Vector] = []
      for (index, place) in places.enumerated() {
        let type = scan.table.columns[scan.columns[index]].type
        if let place {
          let vector = shared(try Vector(batch.columns[place]), place)
          columns.append(try Casting.cast(vector, to: type, isTry: false, count: batch.rowCount))
        } else if scan.table.columns[scan.columns[index]].kind == .rowNumber {
          columns.append(Vector(.int64, .ints((0..<Int64(batch.rowCount)).map { nextRow + $0 })))
        } else {
          columns.append(constants[index])
        }
      }
      nextRow += Int64(batch.rowCount)
      let filtered = try scan.apply(Batch(columns: columns, count: batch.rowCount))
      record.add(seen: batch.rowCount, kept: filtered.count)
      if filtered.count > 0 { return filtered }
    }
    return nil
  }

  /// The same codes behind the dictionary of the batch before, where it is the same.
  private mutating func shared(_ vector: Vector, _ place: Int) -> Vector {
    guard case .coded(let codes, let dictionary) = vector.values else { return vector }
    guard let known = dictionaries[place], known.isSame(as: dictionary) else {
      dictionaries[place] = dictionary
      return vector
    }
    return Vector(vector.type, .coded(codes, known), validity: vector.validity)
  }
}

extension TextDictionary {
  /// Whether both stand on the same memory; equal strings elsewhere are not looked for.
  func isSame(as other: TextDictionary) -> Bool {
    let (a, b) = (strings, other.strings)
    guard a.count == b.count, a.bytes.count == b.bytes.count else { return false }
    return unsafe a.offsets.withUnsafeBufferPointer { first in
      unsafe b.offsets.withUnsafeBufferPointer { second in unsafe first.baseAddress == second.baseAddress }
    }
  }
}

extension Scan {
  /// The rows that pass the filters, one filter after the other.
  func apply(_ batch: Batch) throws(QueryError) -> Batch {
    var batch = batch
    for filter in filters where batch.count > 0 {
      let rows = try filter.evaluate(batch).truePositions(count: batch.count)
      if rows.count < batch.count { batch = batch.taking(rows) }
    }
    if let bound, batch.count > 0, let value = bound.value {
      let key = batch.columns[bound.column]
      let limit = Vector(constant: .int(value), key.type)
      let operation = bound.isDescending ? Operation.greaterOrEqual : .lessOrEqual
      let rows = Comparison.apply(operation, key, limit, count: batch.count).truePositions(count: batch.count)
      if rows.count < batch.count { batch = batch.taking(rows) }
    }
    return batch
  }
}
