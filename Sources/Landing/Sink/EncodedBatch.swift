import Columnar
import Delta

/// A batch written as Parquet and ready to be landed, now or after an outage; kept until it is.
struct EncodedBatch: Sendable {
  /// The same in every attempt to commit it.
  let token = CommitRequest.freshToken()
  /// What the last attempt decided: where its answer was lost, and its token is found in the log later, this is what
  /// was committed.
  let decision = Latest(LandingPlan.Decision())
  let ranges: [OffsetRange]
  let files: [DataFile]
  let deadLetters: [(range: OffsetRange, letters: [DeadLetter])]
  /// Ranges of which the broker no longer held the beginning, by an operator's leave.
  let acceptedGaps: [OffsetRange]
  /// The columns of the rows.
  let layout: TableLayout

  init(
    _ batch: LandingBatch, source: TopicSource, createdBy: String
  ) throws(LandingError) {
    var files: [DataFile] = []
    var letters: [(range: OffsetRange, letters: [DeadLetter])] = []
    layout = batch.layout
    ranges = batch.partitions.map { OffsetRange(partition: $0.partition, start: $0.start, next: $0.next) }
    for (partition, range) in zip(batch.partitions, ranges) {
      for var file in partition.finished {
        file.range = range
        files.append(file)
      }
      for buffer in partition.buffers {
        files.append(try Self.file(buffer, layout: layout, source: source, range: range, createdBy: createdBy))
      }
      if !partition.deadLetters.isEmpty { letters.append((range, partition.deadLetters)) }
    }
    self.files = files
    deadLetters = letters
    acceptedGaps = batch.acceptedGaps
  }

  /// One buffer as a file.
  static func file(
    _ buffer: RowBuffer, layout: TableLayout, source: TopicSource, range: OffsetRange, createdBy: String
  ) throws(LandingError) -> DataFile {
    try DataFile(
      buffer.batch(layout: layout, partition: range.partition, incarnation: source.incarnation), source: source,
      range: range, folder: layout.folder(bucket: buffer.bucket), createdBy: createdBy, last: buffer.last)
  }
}
