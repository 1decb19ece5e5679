import Delta
import Storage

// Rows go home in rounds: the next ranges of all partitions, in one commit each time.
extension SpoolDrainer {
  /// A partition of which ranges wait, and up to where they did when the drain began.
  struct Waiting: Sendable {
    let source: TopicSource
    let partition: Int32
    let end: Int64
  }

  /// What waits in the spool now.
  func waitingRows() async throws(LandingError) -> [Waiting] {
    guard let snapshot = try await openIfPresent(spool.rows)?.snapshot else { return [] }
    return snapshot.spooledPartitions.compactMap { topic, partition in
      SpoolChain(snapshot.transactions, source: topic, partition: partition)
        .map { Waiting(source: topic, partition: partition, end: $0.end) }
    }
  }

  /// Brings the ranges home that waited at a time, and none that were spooled since.
  func drainRows(
    _ ranges: [Waiting], _ report: inout DrainReport, _ progress: @escaping @Sendable (DrainReport) -> Void
  ) async throws(LandingError) {
    guard var source = try await openIfPresent(spool.rows), !ranges.isEmpty else { return }
    var waiting = ranges
    var target = try await openTarget(table.rows, like: source.snapshot)
    while !waiting.isEmpty {
      let round = try await nextRound(of: &waiting, in: &source, target: target, &report)
      if !round.parts.isEmpty { try await bringHome(round, from: &source, to: &target, &report, progress) }
    }
    report.remaining += source.snapshot.filesByPath.count
  }

  /// What goes home next; what the table has already is marked so. Partitions that are home, or where a gap stops
  /// them, wait no more.
  private func nextRound(
    of waiting: inout [Waiting], in source: inout DeltaTable, target: DeltaTable, _ report: inout DrainReport
  ) async throws(LandingError) -> DrainRound {
    var round = DrainRound(chunk)
    var landed: [AddFile] = []
    var marks: [String: Int64] = [:]
    var files: [TopicSource: [Int32: [(range: OffsetRange, file: AddFile)]]] = [:]
    for file in source.snapshot.files {
      guard let (topic, range) = RangeTags.parse(file) else { continue }
      files[topic, default: [:]][range.partition, default: []].append((range, file))
    }
    waiting.removeAll { place in
      let (topic, partition) = (place.source, place.partition)
      guard
        let chain = SpoolChain(source.snapshot.transactions, source: topic, partition: partition)?.cut(at: place.end)
      else { return true }
      let watermark = target.snapshot.transactions[topic.watermarkID(partition)]?.version
      let plan = DrainPlan(chain: chain, files: files[topic]?[partition] ?? [], watermark: watermark)
      if let gap = plan.gap {
        report.stopped.append(
          "\(topic.topic)/\(partition): offsets \(gap.lowerBound) to \(gap.upperBound - 1) never landed; "
            + "the sink must read them from Kafka first")
        return true
      }
      landed += plan.landed
      if plan.steps.isEmpty { marks[topic.drainedID(partition)] = chain.end }
      round.take(plan.steps, of: topic, partition, from: watermark)
      return false
    }
    try await markHome(landed, marks: marks, in: &source)
    report.alreadyLanded += landed.count
    return round
  }

  private func bringHome(
    _ round: DrainRound, from source: inout DeltaTable, to target: inout DeltaTable, _ report: inout DrainReport,
    _ progress: @escaping @Sendable (DrainReport) -> Void
  ) async throws(LandingError) {
    let added = try await upload(round, from: source, report, progress)
    FaultPoint.reach("drain.uploaded")
    let home = try await land(round, added, in: &target)
    guard !home.isEmpty else { return }
    FaultPoint.reach("drain.landed")
    var marks: [String: Int64] = [:]
    for part in home.map({ round.parts[$0] }) { marks[part.source.drainedID(part.partition)] = part.next }
    let files = home.flatMap { round.parts[$0].files }
    try await markHome(files, marks: marks, in: &source)
    count(files, as: home.flatMap { added[$0] }, landed: 0, in: &report)
    progress(report)
  }

  /// For each part of a round the files in the table's store.
  private func upload(
    _ round: DrainRound, from source: DeltaTable, _ report: DrainReport,
    _ progress: @escaping @Sendable (DrainReport) -> Void
  ) async throws(LandingError) -> [[AddFile]] {
    var items: [UploadItem] = []
    var ends: [Int] = []
    for part in round.parts {
      items += try await self.items(part.steps, of: part.source, in: source)
      ends.append(items.count)
    }
    let arrived = Latest(report)
    let added = try await Upload.all(items, to: table.rows, width: options.width) { (add) in
      arrived.change { $0.arrivedBytes += add.size }
      progress(arrived.value)
    }
    if options.readsBack { try await readBack(items, added) }
    return zip([0] + ends, ends).map { Array(added[$0..<$1]) }
  }

  private func readBack(_ items: [UploadItem], _ added: [AddFile]) async throws(LandingError) {
    for (item, add) in zip(items, added) {
      let sent = try await item.content()
      guard let path = PathText.decode(add.path) else { continue }
      let stored: [UInt8]
      do throws(StorageError) { stored = try await table.rows.read(path, limit: sent.count) } catch {
        throw LandingError(DeltaError(error))
      }
      guard stored == sent else {
        throw LandingError(.file, "\(table.rows.root)/\(path): what was read back differs from what was sent")
      }
    }
  }

  /// Commits those parts of a round of which the table still ends where they were cut, each part alone; their places in
  /// the round. The others were overtaken by another writer.
  private func land(
    _ round: DrainRound, _ added: [[AddFile]], in target: inout DeltaTable
  ) async throws(LandingError) -> [Int] {
    let now = WallClock.milliseconds()
    // Where an answer is lost, and the commit is found in the log later, the last decision is what was committed.
    let decision = Latest<[Int]>([])
    let request = CommitRequest(operation: "STREAMING UPDATE", engine: engine) { snapshot throws(DeltaError) in
      let home = round.parts.indices.filter { place in
        let part = round.parts[place]
        return snapshot.transactions[part.source.watermarkID(part.partition)]?.version == part.watermark
      }
      decision.value = home
      if home.isEmpty { return nil }
      let marks = home.map { round.parts[$0] }.map { part in
        let id = part.source.watermarkID(part.partition)
        return Action.transaction(Transaction(appId: id, version: part.next, lastUpdated: now))
      }
      return marks + home.flatMap { added[$0] }.map { .add($0) }
    }
    return try await commit(request, to: &target) == nil ? [] : decision.value
  }
}
