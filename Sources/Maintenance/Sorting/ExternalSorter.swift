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

  /// How many rows are handed out at once.
  static let batchRows = 1 << 16

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
    if runs.isEmpty { return try await handOut(try SortKeys.positions(pool, order, curve)[...], &output) }
    if pool.rowCount > 0 { try await spill() }
    try await merge(into: &output)
  }

  private mutating func handOut(_ positions: ArraySlice<UInt32>, _ output: inout OutputFiles) async throws {
    var rest = positions
    while !rest.isEmpty {
      try Task.checkCancellation()
      try await output.write(pool.taking(Array(rest.prefix(Self.batchRows))))
      rest = rest.dropFirst(Self.batchRows)
    }
  }

  // MARK: Runs

  private mutating func spill() async throws {
    let positions = try SortKeys.positions(pool, order, curve)
    let file = try ScratchFile(in: scratch)
    var options = ParquetWriterOptions()
    options.compression = .uncompressed
    options.rowGroupBytes = memory.spillBytes
    options.pageBytes = 64 << 10
    options.pageRows = 1 << 13
    options.writesPageIndex = false
    var writer = try ParquetWriter(schema: schema, options: options)
    var rest = positions[...]
    while !rest.isEmpty {
      try Task.checkCancellation()
      try writer.write(pool.taking(Array(rest.prefix(Self.batchRows))))
      try file.append(writer.takeOutput())
      rest = rest.dropFirst(Self.batchRows)
    }
    _ = try writer.finish()
    try file.append(writer.takeOutput())
    runs.append(try await ParquetFile.open(file))
    FaultPoint.reach("compact.run-spilled")
    pool = RowPool(schema, dictionaryLimit: memory.dictionaryBytes)
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

  private mutating func merge(into output: inout OutputFiles) async throws {
    var options = ReadOptions()
    options.batchRows = memory.rowsAtOnce(ofRuns: runs.count, rowBytes: try averageRowBytes())
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
      try await handOut(positions[..<end], &output)
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

  private func averageRowBytes() throws -> Int {
    let rows = runs.reduce(0) { $0 + Int(clamping: $1.metadata.rowCount) }
    return max(1, memory.poolBytes * runs.count / max(1, rows))
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
  /// A row group of a run.
  var spillBytes: Int { min(64 << 20, limit / 32) }
  /// A row group of a file that is written.
  var rowGroupBytes: Int { min(64 << 20, limit / 8) }
  /// A batch of a file that is read.
  var batchBytes: Int { min(64 << 20, limit / 32) }

  /// How many rows of each run are read at once.
  func rowsAtOnce(ofRuns count: Int, rowBytes: Int) -> Int {
    max(256, min(1 << 16, poolBytes / max(1, count) / max(1, rowBytes)))
  }
}
