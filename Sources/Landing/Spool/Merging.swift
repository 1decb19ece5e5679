import Delta
import Kernels
import Parquet
import Storage

/// Makes one file of several small ones.
enum Merging {
  /// The rows of a group's files, in their order, as one file; `nil` where the files do not fit together.
  static func item(
    _ group: MergePlan.Group, of source: TopicSource, in table: DeltaTable, engine: String
  ) async throws(LandingError) -> UploadItem? {
    guard let first = group.files.first, let firstPath = PathText.decode(first.path) else { return nil }
    do throws(ParquetError) {
      var writer: ParquetWriter?
      for file in group.files {
        guard let parquet = try? await FileReading.open(file, in: table) else { return nil }
        if writer == nil {
          var options = ParquetWriterOptions()
          options.createdBy = engine
          writer = try ParquetWriter(schema: parquet.metadata.schema, options: options)
        }
        // A file of another time may have other columns.
        guard writer?.schema == parquet.metadata.schema else { return nil }
        for rowGroup in parquet.metadata.rowGroups.indices {
          let batch = try await parquet.read(rowGroup: rowGroup)
          try writer?.write(batch)
        }
      }
      guard var writer else { return nil }
      let stats = FileStatistics.text(try writer.finish())
      let file = MergedFile(
        bytes: writer.takeOutput(), folder: StorePath.parent(of: firstPath),
        stem: "\(source.topic)-\(group.range.partition)-\(DataFile.padded(group.range.start, 20))-"
          + DataFile.padded(group.range.next, 20))
      return UploadItem(
        content: { () throws(LandingError) in file.bytes }, path: { file.path(attempt: $0) },
        add: AddFile(
          path: "", partitionValues: first.partitionValues, size: 0, modificationTime: WallClock.milliseconds(),
          stats: stats,
          tags: RangeTags.tags(
            source: source, range: group.range,
            last: group.files.compactMap { RangeTags.last($0) }.max { $0.offset < $1.offset })))
    } catch {
      // What cannot be read here is brought home as it is.
      return nil
    }
  }
}

/// The bytes of a merged file and its name, which the content decides: the same files merged again meet it.
private struct MergedFile: Sendable {
  let bytes: [UInt8]
  let folder: String
  let stem: String

  func path(attempt: Int) -> String {
    let hash = unsafe bytes.withUnsafeBytes { unsafe crc32c($0) }
    return StorePath.join(folder, "\(stem)-\(attempt)-\(DataFile.hex(hash)).parquet")
  }
}
