import Columnar
import Delta
import Parquet
import Storage

// Dead letters go home before the rows, and each once.
extension SpoolDrainer {
  /// Brings the spooled dead letters home, but for those that are there.
  ///
  /// A file keeps its name on the way, so one that is home already is known by its path. A letter below the table's
  /// watermark was landed by whoever moved the watermark past it; one at or above it may be home without its rows.
  func drainDeadLetters(
    _ report: inout DrainReport, _ progress: @escaping @Sendable (DrainReport) -> Void
  ) async throws(LandingError) {
    guard var source = try await openIfPresent(spool.deadLetters), !source.snapshot.filesByPath.isEmpty else { return }
    var target = try await openTarget(table.deadLetters, like: source.snapshot)
    let marks = try await openIfPresent(table.rows)?.snapshot.transactions ?? [:]
    let files = source.snapshot.files
    for begin in stride(from: 0, to: files.count, by: Self.chunkFiles) {
      let chunk = Array(files[begin..<min(begin + Self.chunkFiles, files.count)])
      var items: [UploadItem] = []
      var sent: [AddFile] = []
      for file in chunk where target.snapshot.filesByPath[file.path] == nil {
        guard let item = try await fresh(file, in: source, target: target, marks: marks) else { continue }
        items.append(item)
        sent.append(file)
      }
      let added = try await Upload.all(items, to: table.deadLetters, width: options.width)
      let request = CommitRequest(operation: "STREAMING UPDATE", engine: engine) { snapshot throws(DeltaError) in
        let missing = added.filter { snapshot.filesByPath[$0.path] == nil }
        return missing.isEmpty ? nil : missing.map { .add($0) }
      }
      try await commit(request, to: &target)
      try await markHome(chunk, marks: [:], in: &source)
      count(sent, as: added, landed: chunk.count - sent.count, in: &report)
      progress(report)
    }
  }

  /// The letters of a file that are not home yet; `nil` where all are.
  private func fresh(
    _ file: AddFile, in source: DeltaTable, target: DeltaTable, marks: [String: Transaction]
  ) async throws(LandingError) -> UploadItem? {
    guard let (topic, range) = RangeTags.parse(file) else { return try item(for: file, in: source) }
    let watermark = marks[topic.watermarkID(range.partition)]?.version ?? 0
    let known = try await target.deadLetterOffsets(topic, partition: range.partition, from: watermark)
    if range.start >= watermark, known.isEmpty { return try item(for: file, in: source) }
    return try await Trimming.item(file, of: topic, range: range, in: source) { offset in
      offset >= watermark && !known.contains(offset)
    }
  }
}
