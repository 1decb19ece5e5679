internal import Columnar
internal import Storage

/// Reads the rows of one row group, some at a time: the shell that fetches what the leaves ask for.
final class RowGroupReader {
  let metadata: ParquetMetadata
  let projection: Projection
  let options: ReadOptions
  var leaves: [Leaf] = []
  /// Rows that have not been read.
  var rowsLeft: Int
  /// The flags of the entries of the tested leaf's dictionary, once they have been asked for.
  var flags: Flags = .unknown
  private var hasBegun = false

  struct Leaf {
    var position: Int
    var reader: any LeafReading
    /// Rows that the reader is behind: a search passes over many at once.
    var behind = 0
    /// Where the chunk lies.
    var range: Range<Int64>
    /// The file in which it lies.
    var source: any RandomAccess
    /// Which pages are wanted; `nil` where all are, or where it is not known.
    var plan: PagePlan?
    /// Bytes that a row takes, by what the footer says.
    var bytesPerRow: Int
    /// Bytes of the file fetched ahead, rising.
    var ahead: [(offset: Int64, bytes: [UInt8])] = []
  }

  /// Bytes of all leaves together that are asked for ahead.
  private static let windowBytes: Int64 = 32 << 20
  /// Bytes of a leaf that are asked for at once.
  private let step: Int64

  /// Prepares to read a row group; of the file at most offset indexes are fetched.
  ///
  /// - Parameter rows: the rows that will be asked for, all by default; others must not be.
  init(
    _ file: ParquetFile, rowGroup: Int, _ projection: Projection, _ options: ReadOptions, byteLimit: Int,
    rows wanted: RowRanges? = nil
  ) async throws(ParquetError) {
    metadata = file.metadata
    self.projection = projection
    self.options = options
    guard metadata.rowGroups.indices.contains(rowGroup) else {
      throw ParquetError(.invalidParameter, "no such row group; the file has \(metadata.rowGroups.count)")
    }
    let group = metadata.rowGroups[rowGroup]
    guard let rows = Int(exactly: group.rowCount) else { throw ParquetError(.outOfSpec, "too many rows") }
    rowsLeft = rows
    let positions = projection.leaves
    step = max(256 << 10, min(4 << 20, Self.windowBytes / Int64(max(positions.count, 1))))
    for position in positions {
      let leaf = metadata.columns[position]
      let chunk = group.columns[position]
      let source = try await file.source(of: chunk)
      let range = try file.chunkRange(chunk, leaf, in: source)
      guard leaf.maxRepetitionLevel > 0 || chunk.valueCount == group.rowCount else {
        throw ParquetError(.outOfSpec, "a chunk of \(chunk.valueCount) values in a row group of \(rows) rows").located(
          column: leaf.name)
      }
      var plan: PagePlan?
      // What is smaller than a gap is read at once.
      if let wanted, wanted != RowRanges(0..<group.rowCount), range.count > ReadPlan.gap {
        plan = try await file.pagePlan(position, rowGroup, chunk: range, rows: wanted, in: source)
      }
      let request = LeafRequest(
        leaf: leaf, chunk: chunk, range: range, rowCount: rows, limits: file.limits, byteLimit: byteLimit, step: step,
        options: options, plan: plan)
      let stored = Int(clamping: chunk.totalUncompressedSize / Int64(max(rows, 1)))
      leaves.append(
        Leaf(
          position: position, reader: request.reader(), range: range, source: source, plan: plan,
          bytesPerRow: max(0, max(stored, leaf.typeLength))))
    }
  }

  /// The next rows, at most as many as the options allow; `nil` at the end.
  func next(limit: Int) async throws(ParquetError) -> RecordBatch? {
    guard rowsLeft > 0 else { return nil }
    return try await read(rows: fitting(limit))
  }

  /// How many rows make a batch.
  func fitting(_ limit: Int) -> Int {
    var size = 0
    for leaf in leaves {
      let (sum, overflow) = size.addingReportingOverflow(max(leaf.bytesPerRow, leaf.reader.bytesPerRow))
      size = overflow ? Int.max : sum
    }
    let fitting = max(1, options.batchBytes / max(size, 1))
    return min(min(rowsLeft, limit), min(fitting, options.batchRows))
  }

  /// The next `rows` rows as one batch.
  func read(rows: Int) async throws(ParquetError) -> RecordBatch {
    try await begin()
    var batches = [LeafBatch?](repeating: nil, count: metadata.columns.count)
    for index in leaves.indices {
      try await catchUp(index)
      let leaf = leaves[index]
      do throws(ParquetError) {
        while let range = try leaf.reader.read(rows: rows) { try await supply(leaf, range) }
      } catch {
        throw error.located(column: metadata.columns[leaf.position].name)
      }
      batches[leaf.position] = leaf.reader.take()
    }
    rowsLeft -= rows
    let assembler = Assembler(leaves: batches, columns: metadata.columns, rowCount: rows)
    var columns: [Column] = []
    for node in projection.nodes { columns.append(try assembler.column(node)) }
    return RecordBatch(schema: projection.schema, columns: columns, rowCount: rows)
  }

  /// Passes over rows; pages that lie wholly among them are not opened.
  func skip(rows: Int) async throws(ParquetError) {
    let count = min(rows, rowsLeft)
    if count <= 0 { return }
    try await begin()
    for index in leaves.indices {
      leaves[index].behind += count
      try await catchUp(index)
    }
    rowsLeft -= count
  }

  /// Brings a leaf to the row that is read next.
  func catchUp(_ index: Int) async throws(ParquetError) {
    let leaf = leaves[index]
    leaves[index].behind = 0
    var left = leaf.behind
    do throws(ParquetError) {
      while left > 0 {
        if let range = try leaf.reader.skip(&left) { try await supply(leaf, range) }
      }
    } catch {
      throw error.located(column: metadata.columns[leaf.position].name)
    }
  }

  /// Gives a leaf the bytes it asks for.
  func supply(_ leaf: Leaf, _ range: Range<Int64>) async throws(ParquetError) {
    for (offset, bytes) in leaf.ahead {
      let held = offset..<offset + Int64(bytes.count)
      if held.contains(range.lowerBound), range.upperBound <= held.upperBound {
        return leaf.reader.supply(bytes, at: offset)
      }
    }
    leaf.reader.supply(try await ParquetFile.read(leaf.source, range), at: range.lowerBound)
  }

  /// Fetches what is wanted of all chunks where that is little, else their beginnings; neighbours in one request.
  func begin() async throws(ParquetError) {
    if hasBegun { return }
    hasBegun = true
    let isPlanned = leaves.allSatisfy { $0.plan != nil }
    let total = leaves.reduce(0) { $0 + ($1.plan?.ranges.reduce(0) { $0 + Int64($1.count) } ?? 0) }
    let fetchesAll = isPlanned && total <= Self.windowBytes
    for members in Dictionary(grouping: leaves.indices, by: { leaves[$0].source.name }).values {
      var ranges: [Range<Int64>] = []
      var owners: [Int] = []
      for index in members {
        let leaf = leaves[index]
        let wanted = leaf.plan?.ranges ?? [leaf.range]
        let all = fetchesAll ? wanted : wanted.prefix(1).map { $0.prefix(upTo: step) }
        ranges += all
        owners += all.map { _ in index }
      }
      for request in ReadPlan.requests(for: ranges) where !request.range.isEmpty {
        let bytes = try await ParquetFile.read(leaves[members[0]].source, request.range)
        for owner in Set(request.chunks.map { owners[$0] }) {
          if fetchesAll {
            leaves[owner].ahead.append((request.range.lowerBound, bytes))
          } else {
            leaves[owner].reader.supply(bytes, at: request.range.lowerBound)
          }
        }
      }
    }
  }
}

extension Range<Int64> {
  /// The first `count` of the range.
  fileprivate func prefix(upTo count: Int64) -> Range<Int64> {
    lowerBound..<Swift.min(upperBound, lowerBound + count)
  }
}
