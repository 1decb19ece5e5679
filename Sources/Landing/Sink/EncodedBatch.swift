import Columnar
import Delta

/// A batch written as Parquet and ready to be landed, now or after an outage; kept until it is.
struct EncodedBatch: Sendable {
  /// The same in every attempt to commit it.
  let token = CommitRequest.freshToken()
  let ranges: [OffsetRange]
  let files: [DataFile]
  let deadLetters: [(range: OffsetRange, letters: [DeadLetter])]

  init(
    _ batch: LandingBatch, layout: TableLayout, source: TopicSource, createdBy: String
  ) throws(LandingError) {
    var files: [DataFile] = []
    var letters: [(range: OffsetRange, letters: [DeadLetter])] = []
    ranges = batch.partitions.map { OffsetRange(partition: $0.partition, start: $0.start, next: $0.next) }
    for (partition, range) in zip(batch.partitions, ranges) {
      for buffer in partition.buffers {
        let rows = buffer.batch(layout: layout, partition: partition.partition, incarnation: source.incarnation)
        files.append(
          try DataFile(rows, source: source, range: range, day: DayFolder(day: buffer.day), createdBy: createdBy))
      }
      if !partition.deadLetters.isEmpty { letters.append((range, partition.deadLetters)) }
    }
    self.files = files
    deadLetters = letters
  }
}
