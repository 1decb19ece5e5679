import Columnar
import Parquet
import Storage

/// Sorts more rows than fit into memory: sorted runs go to scratch files and are then merged.
///
/// Merging works on pools of rows and not on single ones. Of each run the next rows are in the pool; its last row there
/// is the run's border. All rows up to the smallest border, in the order of rows, can be handed out, since whatever is
/// still to be read comes behind it. Then the runs that are nearly used up give their next rows. So a merge is a few
/// sorts of pools, each of which hands out about half of its rows or more.
struct ExternalSorter {
  private let schema: Schema
  private let order: RowOrder
  private let curve: ZCurve?
  private let memory: SortMemory
  private let scratch: String
  private var pool: RowPool
  private var runs: [ParquetFile] = []

  /// Runs that are merged at once at most: of each a row group is in memory, and the file is open.
  private static let widthLimit = 64

  /// - Parameter curve: the curve of a Z-order.
  init(_ schema: Schema, _ order: RowOrder, curve: ZCurve? = nil, memory: SortMemory, scratch: String) {
    self.curve = curve
    self.schema = schema
    self.order = order
    self.memory = memory
    self.scratch = scratch
    pool = RowPool(schema, dictionaryLimit: memory.dictionaryBytes)
  }

  /// How many runs went to scratch files.
  var runCount: Int { runs.count }

  /// Takes in rows.
  mutating func add(_ batch: RecordBatch) async throws {
    try pool.append(batch)
    if pool.byteCount >= memory.poolBytes || pool.rowCount > Int(Int32.max) / 2 { try await spill() }
  }

  /// Hands out all rows in their order.
  mutating func finish(into output: inout OutputFiles) async throws {
    if runs.isEmpty {
      return try await pool.handOut(try SortKeys.positions(pool, order, curve)[...]) { try await output.write($0) }
    }
    if pool.rowCount > 0 { try await spill() }
    try await merge { try await output.write($0) }
  }

  // MARK: Runs

  private mutating func spill() async throws {
    let positions = try SortKeys.positions(pool, order, curve)
    var run = try RunWriter(schema, memory, rowBytes: pool.byteCount / max(1, pool.rowCount), scratch)
    try await pool.handOut(positions[...]) { try run.write($0) }
    pool = RowPool(schema, dictionaryLimit: memory.dictionaryBytes)
    runs.append(try await run.finish())
    FaultPoint.reach("compact.run-spilled")
    if runs.count == Self.widthLimit {
      var longer = try RunWriter(schema, memory, rowBytes: averageRowBytes(), scratch)
      try await merge { try longer.write($0) }
      runs = [try await longer.finish()]
    }
  }

  /// A run that is being merged.
  private struct Run {
    var batches: RecordBatches.AsyncIterator
    var isAtEnd = false
    /// Rows in the pool.
    var present = 0
    /// Where its last row in the pool is.
    var border = 0
  }

  /// Hands out the rows of all runs in their order.
  private mutating func merge(_ body: (RecordBatch) async throws -> Void) async throws {
    var options = ReadOptions()
    options.batchRows = memory.rowsAtOnce(ofRuns: runs.count, rowBytes: averageRowBytes())
    options.batchBytes = max(1 << 16, memory.poolBytes / runs.count)
    var open = runs.map { Run(batches: $0.batches(options: options).makeAsyncIterator()) }
    runs = []
    /// The run that each row of the pool is of.
    var origins: [UInt32] = []
    while true {
      for index in open.indices {
        while !open[index].isAtEnd, open[index].present <= options.batchRows / 2 {
          guard let batch = try await open[index].batches.next() else {
            open[index].isAtEnd = true
            break
          }
          try pool.append(batch)
          open[index].present += batch.rowCount
          open[index].border = pool.rowCount - 1
          origins += [UInt32](repeating: UInt32(index), count: batch.rowCount)
        }
      }
      if pool.rowCount == 0 { return }
      let positions = try SortKeys.positions(pool, order, curve)
      let borders = Set(open.filter { !$0.isAtEnd }.map { UInt32($0.border) })
      let end = positions.firstIndex { borders.contains($0) }.map { $0 + 1 } ?? positions.count
      try await pool.handOut(positions[..<end], body)
      let kept = Array(positions[end...])
      pool.keep(kept)
      origins = kept.map { origins[Int($0)] }
      for index in open.indices { open[index].present = 0 }
      for (place, origin) in origins.enumerated() {
        open[Int(origin)].present += 1
        open[Int(origin)].border = place
      }
    }
  }

  /// Bytes that a row of the runs takes in a file.
  private func averageRowBytes() -> Int {
    let rows = runs.reduce(0) { $0 + Int(clamping: $1.metadata.rowCount) }
    let bytes = runs.reduce(0) { sum, run in
      sum + run.metadata.rowGroups.reduce(0) { $0 + Int(clamping: $1.totalByteSize) }
    }
    return max(1, bytes / max(1, rows))
  }
}

/// Writes a sorted run to a scratch file.
private struct RunWriter {
  private var writer: ParquetWriter
  private let file: ScratchFile

  init(_ schema: Schema, _ memory: SortMemory, rowBytes: Int, _ scratch: String) throws {
    var options = ParquetWriterOptions()
    options.compression = .uncompressed
    options.rowGroupRows = max(256, memory.spillBytes / max(1, rowBytes))
    options.rowGroupBytes = memory.spillBytes
    options.pageBytes = 64 << 10
    options.pageRows = 1 << 13
    options.writesPageIndex = false
    writer = try ParquetWriter(schema: schema, options: options)
    file = try ScratchFile(in: scratch)
  }

  mutating func write(_ batch: RecordBatch) throws {
    try writer.write(batch)
    try file.append(writer.takeOutput())
  }

  mutating func finish() async throws -> ParquetFile {
    _ = try writer.finish()
    try file.append(writer.takeOutput())
    return try await ParquetFile.open(file)
  }
}

/// How the memory of a rewriting is divided.
struct SortMemory: Hashable, Sendable {
  /// Bytes that all of it may take.
  let limit: Int

  init(limit: Int) { self.limit = limit }

  /// Rows in memory. Arrays that grow hold up to twice what is in them, and sorting takes a third as much again. More
  /// than half a gigabyte makes runs no better, and the texts of a column have to stay below two.
  var poolBytes: Int { min(512 << 20, limit / 5) }
  /// Distinct texts of a column.
  var dictionaryBytes: Int { min(64 << 20, limit / 32) }
  /// A row group of a run; all runs that are merged have one in memory.
  var spillBytes: Int { min(16 << 20, limit / 512) }
  /// A row group of a file that is written.
  var rowGroupBytes: Int { min(64 << 20, limit / 8) }
  /// A batch of a file that is read.
  var batchBytes: Int { min(64 << 20, limit / 32) }

  /// How many rows of each run are read at once.
  func rowsAtOnce(ofRuns count: Int, rowBytes: Int) -> Int {
    max(256, min(1 << 16, poolBytes / max(1, count) / max(1, rowBytes)))
  }
}
