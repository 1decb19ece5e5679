import Storage
import Columnar
import Delta
import Parquet

/// Takes rows out of a spooled file that another writer has landed meanwhile.
enum Trimming {
  /// The rest of a file at and above an offset, as a file of its own.
  static func item(
    _ file: AddFile, of source: TopicSource, range: OffsetRange, below cut: Int64, in table: DeltaTable
  ) async throws(LandingError) -> UploadItem {
    let rest = OffsetRange(partition: range.partition, start: cut, next: range.next)
    let made = try await rewritten(file, in: table) { $0 >= cut }
    return item(made, of: file, name: "from-\(cut)", tags: tags(source, rest, file))
  }

  /// The rows of a file whose offsets are kept, as a file of its own; `nil` where there are none.
  static func item(
    _ file: AddFile, of source: TopicSource, range: OffsetRange, in table: DeltaTable,
    keeping isKept: (Int64) -> Bool
  ) async throws(LandingError) -> UploadItem? {
    let made = try await rewritten(file, in: table, keeping: isKept)
    return made.rowCount == 0 ? nil : item(made, of: file, name: "rest", tags: tags(source, range, file))
  }

  private struct Rewritten {
    var bytes: [UInt8]
    var stats: String
    var rowCount: Int
  }

  private static func tags(_ source: TopicSource, _ range: OffsetRange, _ file: AddFile) -> [String: String?] {
    RangeTags.tags(source: source, range: range, last: RangeTags.last(file))
  }

  private static func item(
    _ made: Rewritten, of file: AddFile, name: String, tags: [String: String?]
  ) -> UploadItem {
    let path = PathText.decode(file.path) ?? file.path
    return UploadItem(
      content: { () throws(LandingError) in made.bytes },
      path: { attempt in "\(path.dropLast(8))-\(name)\(attempt == 0 ? "" : "-\(attempt)").parquet" },
      add: AddFile(
        path: "", partitionValues: file.partitionValues, size: 0, modificationTime: WallClock.milliseconds(),
        stats: made.stats, tags: tags))
  }

  private static func rewritten(
    _ file: AddFile, in table: DeltaTable, keeping isKept: (Int64) -> Bool
  ) async throws(LandingError) -> Rewritten {
    let parquet = try await FileReading.open(file, in: table)
    do throws(ParquetError) {
      var options = ParquetWriterOptions()
      options.createdBy = parquet.metadata.createdBy ?? options.createdBy
      var writer = try ParquetWriter(schema: parquet.metadata.schema, options: options)
      var rowCount = 0
      for rowGroup in parquet.metadata.rowGroups.indices {
        let batch = try await parquet.read(rowGroup: rowGroup)
        for run in runs(of: batch, keeping: isKept) {
          try writer.write(batch.sliced(run))
          rowCount += run.count
        }
      }
      let stats = FileStatistics.text(try writer.finish())
      return Rewritten(bytes: writer.takeOutput(), stats: stats, rowCount: rowCount)
    } catch {
      throw LandingError(error)
    }
  }

  /// The rows whose offsets are kept, in runs that stand together.
  static func runs(of batch: RecordBatch, keeping isKept: (Int64) -> Bool) -> [Range<Int>] {
    guard case .int64(let offsets)? = batch.column("_kafka_offset")?.values else { return [0..<batch.rowCount] }
    var runs: [Range<Int>] = []
    for (row, offset) in offsets.enumerated() where isKept(offset) {
      if let last = runs.last, last.upperBound == row {
        runs[runs.count - 1] = last.lowerBound..<row + 1
      } else {
        runs.append(row..<row + 1)
      }
    }
    return runs
  }
}
