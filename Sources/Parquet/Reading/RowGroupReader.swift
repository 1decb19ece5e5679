internal import Columnar
internal import Storage

/// Reads the rows of one row group, some at a time: the shell that fetches what the leaves ask for.
final class RowGroupReader {
  private let source: any RandomAccess
  private let metadata: ParquetMetadata
  private let projection: Projection
  private let options: ReadOptions
  private let group: RowGroupMetadata
  private var leaves: [Leaf] = []
  /// Rows that have not been read.
  private(set) var rowsLeft: Int
  private var hasBegun = false

  private struct Leaf {
    var position: Int
    var reader: any LeafReading
    /// Where the chunk lies.
    var range: Range<Int64>
    /// Bytes that a row takes, by what the footer says.
    var bytesPerRow: Int
  }

  /// Bytes of all leaves together that are asked for ahead.
  private static let windowBytes: Int64 = 32 << 20

  /// Prepares to read a row group; nothing is fetched.
  init(
    _ file: ParquetFile, rowGroup: Int, _ projection: Projection, _ options: ReadOptions, byteLimit: Int
  ) throws(ParquetError) {
    source = file.source
    metadata = file.metadata
    self.projection = projection
    self.options = options
    guard metadata.rowGroups.indices.contains(rowGroup) else {
      throw ParquetError(.invalidParameter, "no such row group; the file has \(metadata.rowGroups.count)")
    }
    group = metadata.rowGroups[rowGroup]
    guard let rows = Int(exactly: group.rowCount) else { throw ParquetError(.outOfSpec, "too many rows") }
    rowsLeft = rows
    let positions = projection.leaves
    let step = max(256 << 10, min(4 << 20, Self.windowBytes / Int64(max(positions.count, 1))))
    for position in positions {
      let leaf = metadata.columns[position]
      let chunk = group.columns[position]
      let range = try file.chunkRange(chunk, leaf)
      guard leaf.maxRepetitionLevel > 0 || chunk.valueCount == group.rowCount else {
        throw ParquetError(.outOfSpec, "a chunk of \(chunk.valueCount) values in a row group of \(rows) rows").located(
          column: leaf.name)
      }
      let request = LeafRequest(
        leaf: leaf, chunk: chunk, range: range, rowCount: rows, limits: file.limits, byteLimit: byteLimit, step: step,
        options: options)
      let stored = Int(clamping: chunk.totalUncompressedSize / Int64(max(rows, 1)))
      leaves.append(
        Leaf(
          position: position, reader: request.reader(), range: range,
          bytesPerRow: max(0, max(stored, leaf.typeLength))))
    }
    self.step = step
  }

  private let step: Int64

  /// The next rows, at most as many as the options allow; `nil` at the end.
  func next(limit: Int) async throws(ParquetError) -> RecordBatch? {
    guard rowsLeft > 0 else { return nil }
    var size = 0
    for leaf in leaves {
      let (sum, overflow) = size.addingReportingOverflow(max(leaf.bytesPerRow, leaf.reader.bytesPerRow))
      size = overflow ? Int.max : sum
    }
    let fitting = max(1, options.batchBytes / max(size, 1))
    return try await read(rows: min(min(rowsLeft, limit), min(fitting, options.batchRows)))
  }

  /// The next `rows` rows as one batch.
  func read(rows: Int) async throws(ParquetError) -> RecordBatch {
    try await begin()
    var batches = [LeafBatch?](repeating: nil, count: metadata.columns.count)
    for leaf in leaves {
      do throws(ParquetError) {
        while let range = try leaf.reader.read(rows: rows) {
          leaf.reader.supply(try await ParquetFile.read(source, range), at: range.lowerBound)
        }
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
    for leaf in leaves {
      var left = count
      do throws(ParquetError) {
        while left > 0 {
          guard let range = try leaf.reader.skip(&left) else { continue }
          leaf.reader.supply(try await ParquetFile.read(source, range), at: range.lowerBound)
        }
      } catch {
        throw error.located(column: metadata.columns[leaf.position].name)
      }
    }
    rowsLeft -= count
  }

  /// Fetches the beginnings of all chunks, neighbours in one request.
  private func begin() async throws(ParquetError) {
    if hasBegun { return }
    hasBegun = true
    let ranges = leaves.map { $0.range.lowerBound..<min($0.range.upperBound, $0.range.lowerBound + step) }
    for request in ReadPlan.requests(for: ranges) where !request.range.isEmpty {
      let bytes = try await ParquetFile.read(source, request.range)
      for index in request.chunks { leaves[index].reader.supply(bytes, at: request.range.lowerBound) }
    }
  }
}
