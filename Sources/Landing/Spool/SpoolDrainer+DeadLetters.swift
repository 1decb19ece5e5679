import Columnar
import Delta
import Parquet
import Storage

// Dead letters go home before the rows, and each once.
extension SpoolDrainer {
  /// Brings the spooled dead letters home, but for those that are there.
  ///
  /// A letter below the table's watermark was landed by whoever moved the watermark past it; one at or above it may be
  /// home without its rows, and is known by its offset, or by the path of its file.
  func drainDeadLetters(
    _ report: inout DrainReport, _ progress: @escaping @Sendable (DrainReport) -> Void
  ) async throws(LandingError) {
    guard var source = try await openIfPresent(spool.deadLetters), !source.snapshot.filesByPath.isEmpty else { return }
    var target = try await openTarget(table.deadLetters, like: source.snapshot)
    let marks = try await openIfPresent(table.rows)?.snapshot.transactions ?? [:]
    var home = LettersAtHome(marks: marks)
    // As drained in rows: of each partition in the order of its offsets.
    var files = source.snapshot.files.map { (tags: RangeTags.parse($0), file: $0) }
    files.sort { ($0.tags?.range.start ?? 0, $0.file.path) < ($1.tags?.range.start ?? 0, $1.file.path) }
    for begin in stride(from: 0, to: files.count, by: chunk.files) {
      let chunk = files[begin..<min(begin + chunk.files, files.count)]
      let (items, sent) = try await freshItems(chunk, in: source, target: target, &home)
      let added = try await Upload.all(items, to: table.deadLetters, width: options.width)
      home.own.formUnion(added.map(\.path))
      let request = CommitRequest(operation: "STREAMING UPDATE", engine: engine) { snapshot throws(DeltaError) in
        let missing = added.filter { snapshot.filesByPath[$0.path] == nil }
        return missing.isEmpty ? nil : missing.map { .add($0) }
      }
      try await commit(request, to: &target)
      try await markHome(chunk.map { $0.file }, marks: [:], in: &source)
      count(sent, as: added, landed: chunk.count - sent.count, in: &report)
      progress(report)
    }
  }

  /// What of some files is not home yet, and the files that it comes from.
  private func freshItems(
    _ files: ArraySlice<(tags: (source: TopicSource, range: OffsetRange)?, file: AddFile)>, in source: DeltaTable,
    target: DeltaTable, _ home: inout LettersAtHome
  ) async throws(LandingError) -> (items: [UploadItem], sent: [AddFile]) {
    var items: [UploadItem] = []
    var sent: [AddFile] = []
    var whole: [TopicSource: [Int32: [DrainPlan.Step]]] = [:]
    for (tags, file) in files where target.snapshot.filesByPath[file.path] == nil {
      sent.append(file)
      guard let (topic, range) = tags else {
        items.append(try item(for: file, in: source))
        continue
      }
      let watermark = home.marks[topic.watermarkID(range.partition)]?.version ?? 0
      let known = try await home.offsets(topic, range.partition, from: watermark, in: target)
      if range.start >= watermark, known.isEmpty {
        whole[topic, default: [:]][range.partition, default: []].append(DrainPlan.Step(range: range, files: [file]))
        continue
      }
      let rest = try await Trimming.item(file, of: topic, range: range, in: source) { offset in
        offset >= watermark && !known.contains(offset)
      }
      if let rest { items.append(rest) } else { sent.removeLast() }
    }
    for (topic, partitions) in whole {
      for steps in partitions.values { items += try await self.items(steps, of: topic, in: source) }
    }
    return (items, sent)
  }
}

/// The dead letters of a table at or above the watermarks, each of its files read once.
private struct LettersAtHome {
  private struct Place: Hashable {
    var source: TopicSource
    var partition: Int32
  }

  /// The progress marks of the table of rows.
  let marks: [String: Transaction]
  /// Files that this drain brought home: nothing in the spool repeats them.
  var own: Set<String> = []
  private var known: [Place: Set<Int64>] = [:]
  private var read: Set<String> = []

  init(marks: [String: Transaction]) { self.marks = marks }

  /// The offsets of a partition's letters at or above its watermark, as far as others brought them.
  mutating func offsets(
    _ source: TopicSource, _ partition: Int32, from watermark: Int64, in table: DeltaTable
  ) async throws(LandingError) -> Set<Int64> {
    let place = Place(source: source, partition: partition)
    for file in table.snapshot.files where !own.contains(file.path) && !read.contains(file.path) {
      guard let (fileSource, range) = RangeTags.parse(file), fileSource == source, range.partition == partition,
        range.next > watermark
      else { continue }
      for offset in try await FileReading.offsets(of: file, in: table) where offset >= watermark {
        known[place, default: []].insert(offset)
      }
      read.insert(file.path)
    }
    return known[place] ?? []
  }
}
