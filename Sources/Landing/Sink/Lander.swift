import Delta
import Logging
import Storage

/// Lands batches one after the other: in the table, or in the spool while the table's store does not answer.
///
/// The spool is sticky: once a range is spooled, later ones go there too until the spool is drained, or a newer range
/// in the table would move the watermark past the spooled one, which then counted as landed and were lost.
actor Lander {
  private let configuration: SinkConfiguration
  private let log: Logger
  private var table: LandingTables?
  private var spool: LandingTables?
  private var isSpooling = false
  private var comeback: Comeback?
  private var tableLedger = DeadLetterLedger()
  private var spoolLedger = DeadLetterLedger()
  /// Places in which temporary files may be left behind: by an earlier process, or by uploads that an outage broke off.
  private var littered: Set<LandingPlan.Place> = [.table, .spool]
  /// When a shutdown gives up; until then failures are retried.
  private var deadline: ContinuousClock.Instant?

  init(_ configuration: SinkConfiguration, log: Logger) {
    self.configuration = configuration
    self.log = log
  }

  /// From now on nothing is retried beyond this time.
  func giveUp(at instant: ContinuousClock.Instant) { deadline = instant }

  // MARK: Taking partitions up

  /// What the table and the spool know of partitions that were just assigned.
  ///
  /// Waits for the table as long as an outage may last; then, with a spool, goes on without it.
  func knowledge(of partitions: [Int32]) async throws(LandingError) -> [Int32: PartitionKnowledge] {
    try await takeUpSpool()
    if !isSpooling { try await openTableOrSpool() }
    var known: [Int32: PartitionKnowledge] = [:]
    let marks = spool?.rows.snapshot.transactions ?? [:]
    for partition in partitions {
      let watermark = table?.watermark(configuration.source, partition)
      known[partition] = PartitionKnowledge(
        watermark: watermark, tableAnswered: table != nil,
        chain: SpoolChain(marks, source: configuration.source, partition: partition),
        spoolEnd: marks[configuration.source.watermarkID(partition)]?.version, groupOffset: nil, low: 0, high: 0)
    }
    return known
  }

  /// Notes where partitions were taken up, and which of their dead letters are kept already.
  func takeUp(_ positions: [Int32: Int64]) async throws(LandingError) {
    for (partition, position) in positions {
      let id = configuration.source.watermarkID(partition)
      for tables in [table, spool].compactMap({ $0 }) {
        let kept = try await tables.deadLetterOffsets(configuration.source, partition: partition, from: position)
        tableLedger.kept[partition, default: []].formUnion(kept)
        spoolLedger.kept[partition, default: []].formUnion(kept)
      }
      tableLedger.marks[partition] = table?.deadLetters.snapshot.transactions[id]?.version
      spoolLedger.marks[partition] = spool?.deadLetters.snapshot.transactions[id]?.version
    }
  }

  /// Opens the spool, and drains it when the table answers; what cannot be drained now keeps the sink spooling.
  private func takeUpSpool() async throws(LandingError) {
    guard let place = configuration.spool else { return }
    let hasSpool = try await isTable(place.stores.rows)
    guard hasSpool else { return }
    try await openSpool()
    guard spool?.rows.snapshot.hasChains ?? false else { return }
    log.notice("the spool holds batches of an earlier outage; draining it first")
    do throws(LandingError) {
      if try await !drainAndReturn() { startSpooling("the spool is being drained by another process") }
    } catch {
      guard error.isRetriable else { throw error }
      startSpooling(error.description)
    }
  }

  private func openTableOrSpool() async throws(LandingError) {
    do throws(LandingError) {
      let limit = configuration.spool == nil ? nil : configuration.outageAfter
      try await retrying(for: limit, "opening the table") { lander throws(LandingError) in try await lander.openTable()
      }
    } catch {
      guard configuration.spool != nil, error.isRetriable, error.code != .gaveUp else { throw error }
      try await openSpool()
      startSpooling(error.description)
    }
  }

  private func openTable() async throws(LandingError) {
    table = try await opened(table, configuration.table)
    await tidy(.table)
  }

  private func openSpool() async throws(LandingError) {
    guard let place = configuration.spool else { return }
    spool = try await opened(spool, place.stores)
    await tidy(.spool)
  }

  /// Removes temporary files that nobody is writing any more, once a place answers: at the start, and after failures.
  /// Nothing of this process is under way then, since batches are landed one at a time.
  private func tidy(_ place: LandingPlan.Place) async {
    guard littered.remove(place) != nil, let stores = place == .table ? configuration.table : configuration.spool?.stores
    else { return }
    await Janitor.tidy(stores, log: log)
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

  // MARK: Landing a batch

  /// Lands a batch; returns when it is durable and visible, in the table or in the spool.
  ///
  /// - Throws: what no retry mends, or ``LandingError/Code/gaveUp`` when a shutdown's time is over.
  func land(_ batch: LandingBatch) async throws(LandingError) -> LandingReceipt {
    let encoded = try EncodedBatch(
      batch, layout: configuration.layout, source: configuration.source, createdBy: configuration.engine)
    if isSpooling, let comeback, comeback.isReady { try await returnToTable() }
    if !isSpooling {
      do throws(LandingError) {
        let limit = configuration.spool == nil ? nil : configuration.outageAfter
        return try await retrying(for: limit, "landing a batch") { lander throws(LandingError) in
          try await lander.commit(encoded, to: .table)
        }
      } catch {
        guard configuration.spool != nil, error.isRetriable else { throw error }
        startSpooling(error.description)
      }
    }
    return try await retrying(for: nil, "spooling a batch") { lander throws(LandingError) in
      try await lander.commit(encoded, to: .spool)
    }
  }

  private func commit(_ encoded: EncodedBatch, to place: LandingPlan.Place) async throws(LandingError) -> LandingReceipt
  {
    switch place {
    case .table: if table == nil { try await openTable() }
    case .spool: if spool == nil { try await openSpool() }
    }
    let commit = BatchCommit(batch: encoded, source: configuration.source, place: place, engine: configuration.engine)
    guard var tables = place == .table ? table : spool else {
      throw LandingError(.gaveUp, "there is no place to land in", isRetriable: true)
    }
    var ledger = place == .table ? tableLedger : spoolLedger
    // What came to be before a failure, such as a commit of dead letters, is kept for the next attempt.
    defer {
      switch place {
      case .table: (table, tableLedger) = (tables, ledger)
      case .spool: (spool, spoolLedger) = (tables, ledger)
      }
    }
    let receipt: LandingReceipt
    do throws(LandingError) {
      receipt = try await commit.run(on: &tables, ledger: &ledger)
    } catch {
      littered.insert(place)
      throw error
    }
    await tidy(place)
    for range in encoded.ranges where receipt.verdicts[range.partition] == .commit {
      // Below the watermark no record is read again. A range that did not land will be, from another place.
      ledger.kept[range.partition] = ledger.kept[range.partition]?.filter { $0 >= range.next }
    }
    return receipt
  }

  // MARK: Outage and return

  private func startSpooling(_ reason: String) {
    isSpooling = true
    log.warning("the table does not answer; batches go to the spool until it does", metadata: ["reason": "\(reason)"])
    guard let place = configuration.spool else { return }
    comeback = Comeback(
      drainer: SpoolDrainer(
        spool: place.stores, table: configuration.table, engine: configuration.engine, log: log),
      spool: place, log: log)
  }

  /// Leaves spooling, if the rest of the spool can be drained; otherwise everything stays as it is.
  private func returnToTable() async throws(LandingError) {
    do throws(LandingError) {
      if try await drainAndReturn() {
        log.notice("the spool is drained; batches go to the table again")
      }
    } catch {
      guard error.isRetriable else { throw error }
      log.warning("the spool could not be drained yet", metadata: ["error": "\(error)"])
      comeback?.retry()
    }
  }

  /// Drains the spool under its lock and reads both logs again; true when no chain is left.
  private func drainAndReturn() async throws(LandingError) -> Bool {
    guard let place = configuration.spool else { return false }
    let drainer = SpoolDrainer(
      spool: place.stores, table: configuration.table, engine: configuration.engine, log: log)
    let isEmpty = try await SpoolLock.holding(place.directory) { () async throws(LandingError) in
      let report = try await drainer.drain()
      for reason in report.stopped { log.error("a spooled range cannot be landed", metadata: ["reason": "\(reason)"]) }
      try await openTable()
      try await openSpool()
      return spool?.rows.snapshot.hasChains != true
    }
    guard isEmpty ?? false else { return false }
    isSpooling = false
    comeback = nil
    return true
  }

  // MARK: Retrying

  /// Repeats what fails for the moment, with growing pauses: for a time, or with `nil` until a shutdown gives up.
  private func retrying<Value: Sendable>(
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
}

extension Lander {
  /// Whether a table stands in a store.
  private func isTable(_ store: any FileStore) async throws(LandingError) -> Bool {
    do { return try await DeltaTable.openIfPresent(store: store) != nil } catch { throw LandingError(error) }
  }
}

extension Snapshot {
  /// Whether any partition has a chain of spooled ranges that waits.
  var hasChains: Bool {
    spooledPartitions.contains { SpoolChain(transactions, source: $0.source, partition: $0.partition) != nil }
  }
}
