import Columnar
import Delta
import Kernels
import Parquet
import Storage

/// Positions `[start, next)` of one Kafka partition.
public struct OffsetRange: Hashable, Sendable {
  /// The partition's number.
  public var partition: Int32
  /// The first position.
  public var start: Int64
  /// The position behind the last.
  public var next: Int64

  /// Makes a range.
  public init(partition: Int32, start: Int64, next: Int64) {
    self.partition = partition
    self.start = start
    self.next = next
  }
}

/// A finished Parquet file that waits for its place in a table.
struct DataFile: Sendable {
  let source: TopicSource
  /// The positions of its batch; a file that was closed early learns them when the batch is flushed.
  var range: OffsetRange
  /// Where it goes.
  let folder: EventFolder
  let bytes: [UInt8]
  let rowCount: Int
  let stats: String
  /// The highest offset in it and the Kafka time of that record, by which a later start knows the topic again.
  let last: RecordMark?

  /// Writes rows as one file.
  init(
    _ batch: RecordBatch, source: TopicSource, range: OffsetRange, folder: EventFolder, createdBy: String,
    last: RecordMark? = nil
  ) throws(LandingError) {
    self.source = source
    self.range = range
    self.folder = folder
    self.last = last
    rowCount = batch.rowCount
    do throws(ParquetError) {
      var options = ParquetWriterOptions()
      options.createdBy = createdBy
      var writer = try ParquetWriter(schema: batch.schema, options: options)
      try writer.write(batch)
      let metadata = try writer.finish()
      bytes = writer.takeOutput()
      stats = FileStatistics.text(metadata)
    } catch {
      throw LandingError(error)
    }
  }

  /// The place of the file, relative to the table. The hash of the content keeps a replay with other boundaries from
  /// meeting an older file; `attempt` steps aside from a foreign file of the same name.
  func path(attempt: Int) -> String {
    let hash = unsafe bytes.withUnsafeBytes { unsafe crc32c($0) }
    let name =
      "\(source.topic)-\(range.partition)-\(Self.padded(range.start, 20))-\(Self.padded(range.next, 20))-\(attempt)-"
      + "\(Self.hex(hash)).parquet"
    return folder.path.isEmpty ? name : "\(folder.path)/\(name)"
  }

  /// The file on its way to a table.
  func upload(at milliseconds: Int64) -> UploadItem {
    UploadItem(
      content: { () throws(LandingError) in bytes }, path: { path(attempt: $0) },
      add: AddFile(
        path: "", partitionValues: folder.values, size: 0, modificationTime: milliseconds, stats: stats,
        tags: RangeTags.tags(source: source, range: range, last: last)))
  }

  static func padded(_ value: Int64, _ width: Int) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }

  static func hex(_ value: UInt32) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }
}
