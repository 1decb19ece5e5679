import Columnar
import Delta
import Parquet
import Storage

// Dead letters go home before the rows, and each once.
extension SpoolDrainer {
  /// Brings the spooled dead letters home, but for those that are there.
  ///
  /// A letter below the table's watermark was landed by whoever moved the watermark past it; one at or above it may be
  /// home without its rows, and is known by its offset, or by the path of its file. Other hosts may bring theirs of the
  /// same offsets at the same time: the partitions' marks tell, and then the letters at home are looked up again.
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
    var next = 0
    while next < files.count {
      let chunk = files[next..<next + self.chunk.count(of: files[next...].lazy.map { $0.file.size })]
      next = chunk.endIndex
      var fresh: FreshLetters
      var added: [AddFile]
      repeat {
        fresh = try await freshLetters(chunk, in: source, target: target, &home)
        added = try await Upload.all(fresh.items, to: table.deadLetters, width: options.width)
      } while try await !commit(fresh, added, to: &target)
      home.own.formUnion(added.map(\.path))
      try await markHome(chunk.map { $0.file }, marks: [:], in: &source)
      count(fresh.sent, as: added, landed: chunk.count - fresh.sent.count, in: &report)
      progress(report)
    }
  }

  /// False when another writer's dead letters of these partitions came in between.
  private func commit(
    _ fresh: FreshLetters, _ added: [AddFile], to target: inout DeltaTable
  ) async throws(LandingError) -> Bool {
    let now = WallClock.milliseconds()
    let isOvertaken = Latest(false)
    let request = CommitRequest(operation: "STREAMING UPDATE", engine: engine) { snapshot throws(DeltaError) in
      isOvertaken.value = fresh.marks.contains { snapshot.transactions[$0.key]?.version != $0.value.seen }
      let missing = added.filter { !snapshot.holds($0.path) }
      if isOvertaken.value || missing.isEmpty { return nil }
      let marks = fresh.marks.map { id, mark in
        Action.transaction(Transaction(appId: id, version: mark.next, lastUpdated: now))
      }
      return marks + missing.map { .add($0) }
    }
    return try await commit(request, to: &target) != nil || !isOvertaken.value
  }

  /// What of some files is not home yet.
  private func freshLetters(
    _ files: ArraySlice<(tags: (source: TopicSource, range: OffsetRange)?, file: AddFile)>, in source: DeltaTable,
    target: DeltaTable, _ home: inout LettersAtHome
  ) async throws(LandingError) -> FreshLetters {
    var fresh = FreshLetters()
    var whole: [TopicSource: [Int32: [DrainPlan.Step]]] = [:]
    for (tags, file) in files where !target.snapshot.holds(file.path) {
      guard let (topic, range) = tags else {
        fresh.sent.append(file)
        fresh.items.append(try item(for: file, in: source))
        continue
      }
      let watermark = home.marks[topic.watermarkID(range.partition)]?.version ?? 0
      let known = try await home.offsets(topic, range.partition, from: watermark, in: target)
      // Letters at home concern the file only where they lie among its positions: the many of a long outage go home
      // merged, even if the last ones before it got there without their rows.
      if range.start >= watermark, !known.contains(where: { range.start <= $0 && $0 < range.next }) {
        whole[topic, default: [:]][range.partition, default: []].append(DrainPlan.Step(range: range, files: [file]))
        fresh.note(file, topic, range, in: target)
        continue
      }
      let rest = try await Trimming.item(file, of: topic, range: range, in: source) { offset in
        offset >= watermark && !known.contains(offset)
      }
      guard let rest else { continue }
      fresh.items.append(rest)
      fresh.note(file, topic, range, in: target)
    }
    for (topic, partitions) in whole {
      for steps in partitions.values { fresh.items += try await self.items(steps, of: topic, in: source) }
    }
    return fresh
  }
}

/// Dead letters on their way home.
private struct FreshLetters: Sendable {
  var items: [UploadItem] = []
  /// The files that they come from.
  var sent: [AddFile] = []
  /// By the id of a partition's mark: the one that was there when they were compared with what is home, and the one
  /// that they leave.
  var marks: [String: (seen: Int64?, next: Int64)] = [:]

  mutating func note(_ file: AddFile, _ topic: TopicSource, _ range: OffsetRange, in target: DeltaTable) {
    let id = topic.watermarkID(range.partition)
    let seen = target.snapshot.transactions[id]?.version
    sent.append(file)
    marks[id] = (seen, max(marks[id]?.next ?? 0, DeadLetterLedger.mark(after: seen, of: range)))
  }
}

/// The dead letters of a table at or above the watermarks, each of its files read once for a partition.
private struct LettersAtHome {
  private struct Place: Hashable {
    var source: TopicSource
    var partition: Int32
  }

  /// A file that was made of several is read for each partition that it has letters of.
  private struct Look: Hashable {
    var place: Place
    var path: String
  }

  /// The progress marks of the table of rows.
  let marks: [String: Transaction]
  /// Files that this drain brought home: nothing in the spool repeats them.
  var own: Set<String> = []
  private var known: [Place: Set<Int64>] = [:]
  private var looks: Set<Look> = []

  init(marks: [String: Transaction]) { self.marks = marks }

  /// The offsets of a partition's letters at or above its watermark, as far as others brought them.
  mutating func offsets(
    _ source: TopicSource, _ partition: Int32, from watermark: Int64, in table: DeltaTable
  ) async throws(LandingError) -> Set<Int64> {
    let place = Place(source: source, partition: partition)
    for file in table.snapshot.files where !own.contains(file.path) {
      let look = Look(place: place, path: file.path)
      guard !looks.contains(look),
        RangeTags.marks(file).contains(where: { $0.reaches(source, partition, beyond: watermark) })
      else { continue }
      known[place, default: []].formUnion(
        try await FileReading.offsets(of: file, in: table, source, partition: partition, from: watermark))
      looks.insert(look)
    }
    return known[place] ?? []
  }
}
