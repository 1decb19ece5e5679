import Delta
import Logging
import Storage

/// Lands batches one after the other: in the table, or in the spool while the table's store does not answer.
///
/// The spool is sticky: once a range is spooled, later ones go there too until the spool is drained, or a newer range
/// in the table would move the watermark past the spooled one, which then counted as landed and were lost.
actor Lander {
  let configuration: SinkConfiguration
  let log: Logger
  nonisolated let status = LanderStatus()
  /// The topic in the incarnation that the table has come to.
  private(set) var source: TopicSource
  var table: LandingTables?
  var spool: LandingTables?
  var comeback: Comeback?
  private var ledger = DeadLetterLedger()
  /// Places in which temporary files may be left behind: by an earlier process, or by uploads that an outage broke off.
  private var littered: Set<LandingPlan.Place> = [.table, .spool]
  /// When a shutdown gives up; until then failures are retried.
  private var deadline: ContinuousClock.Instant?
  private var turn = Turn()

  var isSpooling: Bool { status.place != .table }

  init(_ configuration: SinkConfiguration, log: Logger) {
    self.configuration = configuration
    self.log = log
    source = configuration.source
  }

  /// From now on nothing is retried beyond this time.
  func giveUp(at instant: ContinuousClock.Instant) { deadline = instant }

  // MARK: Taking partitions up

  /// What the table and the spool know of partitions that were just assigned.
  ///
  /// Waits for the table as long as an outage may last; then, with a spool, goes on without it.
  func knowledge(of partitions: [Int32]) async throws(LandingError) -> [Int32: PartitionKnowledge] {
    await takeTurn()
    defer { turn.pass() }
    try await takeUpSpool()
    if !isSpooling { try await openTableOrSpool() }
    var known: [Int32: PartitionKnowledge] = [:]
    // While batches go to the spool the table was not read now: what was read of it before the outage is old.
    let tableAnswered = table != nil && !isSpooling
    let marks = spool?.rows.snapshot.transactions ?? [:]
    let last = table?.lastLanded(source) ?? [:]
    for partition in partitions {
      let watermark = table?.watermark(source, partition)
      known[partition] = PartitionKnowledge(
        watermark: watermark, tableAnswered: tableAnswered,
        chain: SpoolChain(marks, source: source, partition: partition),
        spoolEnd: marks[source.watermarkID(partition)]?.version, groupOffset: nil, low: 0, high: 0,
        lastLanded: last[partition].flatMap { $0.offset < watermark ?? 0 ? $0 : nil })
    }
    return known
  }

  /// Notes where partitions were taken up, and which of their dead letters are kept already.
  func takeUp(_ positions: [Int32: Int64]) async throws(LandingError) {
    await takeTurn()
    defer { turn.pass() }
    // Without a mark they are learnt before the next commit of dead letters to the table; and the drain repeats none.
    for partition in positions.keys { ledger.marks[.table]?[partition] = nil }
    if !isSpooling {
      try await orSpooling("reading the dead letters of the table") { lander throws(LandingError) in
        try await lander.learnDeadLetters(positions, in: .table)
      }
    }
    try await learnDeadLetters(positions, in: .spool)
  }

  private func learnDeadLetters(_ positions: [Int32: Int64], in place: LandingPlan.Place) async throws(LandingError) {
    guard let tables = place == .table ? table : spool else { return }
    for (partition, position) in positions {
      let kept = try await tables.deadLetterOffsets(source, partition: partition, from: position)
      ledger.kept[partition, default: []].formUnion(kept)
      let mark = tables.deadLetters.snapshot.transactions[source.watermarkID(partition)]
      ledger.marks[place, default: [:]][partition] = mark?.version
    }
  }

  /// Goes over to the next incarnation of the topic, for an operator who says that it was deleted and created again.
  func raiseIncarnation() async throws(LandingError) {
    await takeTurn()
    defer { turn.pass() }
    guard var tables = table else {
      throw LandingError(
        .stopped, "a new incarnation can be begun only while the table answers", isRetriable: true)
    }
    do {
      try await tables.raiseIncarnation(of: source, engine: configuration.engine)
    } catch {
      throw LandingError(error)
    }
    table = tables
    try await learnIncarnation()
    log.notice("the topic begins anew", metadata: ["topic": "\(source.topic)", "incarnation": "\(source.incarnation)"])
  }

  /// Why the rows of a layout cannot be in the table or the spool, as far as these are open; `nil` if they can.
  func clash(with layout: TableLayout) -> String? {
    for tables in [table, spool] {
      do throws(DeltaError) { _ = try tables?.rows.snapshot.metadata(joining: layout.tableSchema) } catch {
        return error.message
      }
    }
    return nil
  }

  // MARK: Opening

  func openTable() async throws(LandingError) {
    table = try await opened(table, configuration.table)
    await tidy(.table)
    try await learnIncarnation()
  }

  func openSpool() async throws(LandingError) {
    guard let place = configuration.spool else { return }
    spool = try await opened(spool, place.stores)
    noteSpool()
    await tidy(.spool)
    try await learnIncarnation()
  }

  /// The table says which incarnation of the topic is being landed; the spool remembers it for when the table is away.
  private func learnIncarnation() async throws(LandingError) {
    let known = (table ?? spool)?.rows.snapshot.incarnation(of: source.topic) ?? 0
    if known != source.incarnation {
      source.incarnation = known
      ledger = DeadLetterLedger()
    }
    guard var spool, spool.rows.snapshot.incarnation(of: source.topic) < known else { return }
    do { try await spool.note(source, engine: configuration.engine) } catch { throw LandingError(error) }
    self.spool = spool
  }

  /// The newest version of tables that are open, or of tables that are opened or made now.
  private func opened(_ tables: LandingTables?, _ stores: TableStores) async throws(LandingError) -> LandingTables {
    do throws(DeltaError) {
      guard var tables else {
        return try await LandingTables.open(stores, layout: configuration.layout, engine: configuration.engine)
      }
      try await tables.refresh()
      return tables
    } catch {
      throw LandingError(error)
    }
  }

  /// Removes temporary files that nobody is writing any more, once a place answers: at the start, and after failures.
  /// Nothing of this process is under way then, since batches are landed one at a time.
  private func tidy(_ place: LandingPlan.Place) async {
    guard littered.remove(place) != nil,
      let stores = place == .table ? configuration.table : configuration.spool?.stores
    else { return }
    await Janitor.tidy(stores, log: log)
  }

  // MARK: Landing a batch

  /// Lands a batch; returns when it is durable and visible, in the table or in the spool.
  ///
  /// - Throws: what no retry mends, or ``LandingError/Code/gaveUp`` when a shutdown's time is over.
  func land(_ batch: LandingBatch) async throws(LandingError) -> LandingReceipt {
    await takeTurn()
    defer { turn.pass() }
    let encoded = try EncodedBatch(batch, source: source, createdBy: configuration.engine)
    if isSpooling, let comeback, comeback.isReady { try await returnToTable() }
    if !isSpooling {
      do throws(LandingError) {
        let limit = configuration.spool == nil ? nil : configuration.outageAfter
        return try await retrying(for: limit, "landing a batch") { lander throws(LandingError) in
          try await lander.commit(encoded, to: .table)
        }
      } catch {
        guard configuration.spool != nil, error.isRetriable, error.code != .gaveUp else { throw error }
        startSpooling(error.description)
      }
    }
    return try await retrying(for: nil, "spooling a batch") { lander throws(LandingError) in
      try await lander.spoolOrReturn(encoded)
    }
  }

  /// Spools a batch; where the spool has no room and the table answers meanwhile, lands it there.
  private func spoolOrReturn(_ encoded: EncodedBatch) async throws(LandingError) -> LandingReceipt {
    do throws(LandingError) {
      return try await commit(encoded, to: .spool)
    } catch {
      guard error.storageCode == .outOfSpace else { throw error }
      // A sync of another process may have made room, or brought all home.
      try await openSpool()
      if let comeback, comeback.isReady { try await returnToTable() }
      guard !isSpooling else { throw error }
      do throws(LandingError) {
        return try await commit(encoded, to: .table)
      } catch {
        if error.isRetriable { startSpooling(error.description) }
        throw error
      }
    }
  }

  private func commit(_ encoded: EncodedBatch, to place: LandingPlan.Place) async throws(LandingError) -> LandingReceipt
  {
    do throws(LandingError) {
      try checkRoom(encoded, place)
      let receipt = try await commitOnce(encoded, to: place)
      await settled(encoded, receipt)
      if place == .spool { status.isSpoolFull = false }
      noteSpool()
      await tidy(place)
      return receipt
    } catch {
      littered.insert(place)
      if place == .spool, error.storageCode == .outOfSpace { status.isSpoolFull = true }
      if place == .table { note(error, of: encoded) }
      throw error
    }
  }

  private func commitOnce(
    _ encoded: EncodedBatch, to place: LandingPlan.Place
  ) async throws(LandingError) -> LandingReceipt {
    switch place {
    case .table: if table == nil { try await openTable() }
    case .spool: if spool == nil { try await openSpool() }
    }
    let commit = BatchCommit(batch: encoded, source: source, place: place, engine: configuration.engine)
    guard var tables = place == .table ? table : spool else {
      throw LandingError(.gaveUp, "there is no place to land in", isRetriable: true)
    }
    var kept = ledger
    // What came to be before a failure, such as a commit of dead letters, is kept for the next attempt.
    defer {
      ledger = kept
      switch place {
      case .table: table = tables
      case .spool: spool = tables
      }
    }
    try await tables.fitGrown(encoded.layout, engine: configuration.engine)
    let receipt = try await commit.run(on: &tables, ledger: &kept)
    for range in encoded.ranges where receipt.verdicts[range.partition] == .commit {
      // Below the watermark no record is read again. A range that did not land will be, from another place.
      kept.kept[range.partition] = kept.kept[range.partition]?.filter { $0 >= range.next }
    }
    return receipt
  }

  func noteSpool() {
    let files = spool?.rows.snapshot.filesByPath.values
    status.spooled = (files?.count ?? 0, files?.reduce(0) { $0 + $1.size } ?? 0)
  }

  private func checkRoom(_ encoded: EncodedBatch, _ place: LandingPlan.Place) throws(LandingError) {
    guard place == .spool, let spooling = configuration.spool else { return }
    let bytes = encoded.files.reduce(Int64(0)) { $0 + Int64($1.bytes.count) }
    let held = status.spooled.bytes
    let refusal = spooling.limits.refusal(
      writing: bytes, free: DiskSpace.free(at: spooling.directory), held: held, at: spooling.directory)
    if let refusal { throw LandingError(.table(.storage(.outOfSpace)), refusal, isRetriable: true) }
  }

  // MARK: Doubt

  /// A commit whose answer was lost is in doubt until its token is found in the log, or the watermark tells.
  private func note(_ error: LandingError, of encoded: EncodedBatch) {
    guard error.storageCode == .outcomeUnknown, status.inDoubt == nil else { return }
    status.inDoubt = encoded.token
    log.warning("whether a commit happened is not known yet", metadata: ["token": "\(encoded.token)"])
  }

  private func settled(_ encoded: EncodedBatch, _ receipt: LandingReceipt) async {
    guard status.inDoubt == encoded.token else { return }
    status.inDoubt = nil
    let outcome =
      receipt.isSpooled
      ? "it is spooled too, and the drain will ask the watermark"
      : receipt.verdicts.values.contains(.commit) ? "its token is in the log" : "the watermark says that it landed"
    log.notice("a commit in doubt is settled", metadata: ["token": "\(encoded.token)", "outcome": "\(outcome)"])
  }

  // MARK: Retrying

  /// Repeats what fails for the moment, with growing pauses: for a time, or with `nil` until a shutdown gives up or the
  /// batch is given back to Kafka.
  func retrying<Value: Sendable>(
    for limit: Duration?, _ what: String,
    _ body: @Sendable (isolated Lander) async throws(LandingError) -> Value
  ) async throws(LandingError) -> Value {
    var backoff = Backoff()
    let begin = ContinuousClock.now
    while true {
      do throws(LandingError) {
        return try await body(self)
      } catch {
        guard error.isRetriable else { throw error }
        if let limit, ContinuousClock.now - begin >= limit { throw error }
        if Task.isCancelled { throw LandingError(.gaveUp, "\(what) was given up: \(error)", isRetriable: true) }
        if let deadline, ContinuousClock.now >= deadline {
          throw LandingError(.gaveUp, "\(what) did not succeed before the shutdown: \(error)", isRetriable: true)
        }
        if backoff.shouldReport(error.description) {
          log.warning("\(what) failed; it is tried again", metadata: ["error": "\(error)"])
        }
        try? await Task.sleep(for: backoff.next())
      }
    }
  }

  private func takeTurn() async {
    if turn.takeIfFree() { return }
    await withCheckedContinuation { turn.join($0) }
  }
}
