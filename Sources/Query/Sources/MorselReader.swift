internal import Columnar
internal import Parquet

/// Reads one row group for a scan: batch after batch of its columns, of rows that pass its filters.
struct MorselReader {
  private let scan: Scan
  private let record: ScanRecord
  private var columns: MorselColumns
  private var iterator: RecordBatches.AsyncIterator?
  /// What is read when the rows at hand are at their end.
  private var rest: RecordBatches?
  private var met: MetCodes?
  /// The rows that pass, where the filters' columns have been read before the others.
  private var late: LateColumns?

  init(_ scan: Scan, _ morsel: Morsel, _ record: ScanRecord) async throws {
    self.scan = scan
    self.record = record
    let file = try await scan.table.files.open(morsel.file)
    let metadata = file.metadata
    let start = metadata.firstRow(ofRowGroup: morsel.rowGroup)
    let (end, overflow) = start.addingReportingOverflow(metadata.rowGroups[morsel.rowGroup].rowCount)
    guard !overflow, start >= 0, end >= start else {
      throw QueryError(.value, "\(file.name): a row group with an impossible number of rows")
    }
    columns = try MorselColumns(scan, morsel.file, metadata.schema, firstRow: start)
    var projection = try metadata.projection(columns: columns.read)
    met = MetCodes(scan, metadata, morsel.rowGroup)
    if met != nil {
      // A few rows may have shown all there is.
      let few = min(start + MetCodes.firstRows, end)
      iterator = file.batches(columns: projection, ranges: [start..<few]).makeAsyncIterator()
      rest = file.batches(columns: projection, ranges: [few..<end])
      return
    }
    var ranges = [start..<end]
    // The places of rows are counted; so none is left out.
    if !scan.columns.contains(where: { scan.table.columns[$0].kind == .rowNumber }) {
      if let filter = Self.filter(scan, metadata.schema) {
        ranges = try await file.candidates(rowGroup: morsel.rowGroup, where: filter)
      }
      if !ranges.isEmpty, record.isSelective, columns.read.count > 1,
        let found = try await LateRows(scan, morsel, file).find(in: ranges)
      {
        record.add(seen: end - start, kept: 0)
        ranges = found.ranges
        late = found.columns
      }
    }
    if let late {
      projection = try metadata.projection(columns: late.read)
    }
    let test = late == nil ? scan.rowTest(metadata) : nil
    if !ranges.isEmpty {
      iterator = file.batches(columns: projection, ranges: ranges, test: test).makeAsyncIterator()
    }
  }

  /// What the Parquet reader can be told of the scan's conditions.
  private static func filter(_ scan: Scan, _ schema: Schema) -> RowFilter? {
    let pushing = FilterPushing(table: scan.table, columns: scan.columns, schema: schema)
    let filters = scan.conditions.compactMap { pushing.filter($0) }
    return filters.isEmpty ? nil : .and(filters)
  }

  /// The next batch that has rows; `nil` behind the last.
  mutating func next() async throws -> Batch? {
    while true {
      guard let found = try await iterator?.nextFound() else {
        iterator = rest?.makeAsyncIterator()
        rest = nil
        if iterator == nil { return nil }
        continue
      }
      let result = try late?.completing(found.batch) ?? columns.passing(found, scan.conditions)
      record.add(seen: Int64(found.rowCount), kept: result.count)
      if met?.addsLast(of: result) == true { (iterator, rest) = (nil, nil) }
      if result.count > 0 { return result }
    }
  }
}

/// Which words of a dictionary have been met, for queries to which it is all one how often a value occurs: when all
/// have been, the other rows of a row group say nothing new.
struct MetCodes {
  /// Rows that are read before others are asked for.
  static let firstRows: Int64 = 1 << 14
  private static let mostWords = 1 << 16

  private var isMet: [Bool] = []
  private var left = 0
  private var dictionary: TextDictionary?

  /// `nil` where values beside the dictionary's, or nulls, may be in the row group.
  init?(_ scan: Scan, _ metadata: ParquetMetadata, _ group: Int) {
    guard scan.wantsValuesOnly, scan.columns.count == 1, scan.bound == nil else { return nil }
    let column = scan.table.columns[scan.columns[0]]
    guard column.kind == .file, column.type.layout == .bytes,
      let leaf = metadata.columns.firstIndex(where: { $0.path == [column.name] }),
      metadata.columns[leaf].maxRepetitionLevel == 0, metadata.rowGroups[group].columns[leaf].isWhollyDictionary,
      metadata.rowGroups[group].columns[leaf].statistics.nullCount == 0
    else { return nil }
  }

  /// Takes in the rows of a batch; whether all words have now been met.
  mutating func addsLast(of batch: Batch) -> Bool {
    guard case .coded(let codes, let own)? = batch.columns.first?.values, own.strings.count <= Self.mostWords else {
      return false
    }
    if dictionary == nil {
      dictionary = own
      left = own.strings.count
      isMet = Array(repeating: false, count: left)
    }
    guard own === dictionary else { return false }
    for code in codes where !isMet[Int(code)] {
      isMet[Int(code)] = true
      left -= 1
    }
    return left == 0
  }
}
