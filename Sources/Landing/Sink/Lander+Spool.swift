import Delta
import Logging
import Storage

// Leaving for the spool, and the way back.
extension Lander {
  /// Opens the spool, and drains it when the table answers; what cannot be drained now keeps the sink spooling.
  func takeUpSpool() async throws(LandingError) {
    guard let place = configuration.spool, try await isTable(place.stores.rows) else { return }
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

  func openTableOrSpool() async throws(LandingError) {
    try await orSpooling("opening the table") { lander throws(LandingError) in try await lander.openTable() }
  }

  /// Does something with the table; where it does not answer for as long as an outage may last, goes over to the spool.
  func orSpooling(
    _ what: String, _ body: @Sendable (isolated Lander) async throws(LandingError) -> Void
  ) async throws(LandingError) {
    do throws(LandingError) {
      try await retrying(for: configuration.spool == nil ? nil : configuration.outageAfter, what, body)
    } catch {
      guard configuration.spool != nil, error.isRetriable, error.code != .gaveUp else { throw error }
      try await openSpool()
      startSpooling(error.description)
    }
  }

  func startSpooling(_ reason: String) {
    status.place = .spool
    log.warning("the table does not answer; batches go to the spool until it does", metadata: ["reason": "\(reason)"])
    guard let place = configuration.spool, comeback == nil else { return }
    comeback = Comeback(drainer: drainer(place), spool: place, status: status, log: log)
  }

  /// Leaves spooling, if the rest of the spool can be drained; otherwise everything stays as it is.
  func returnToTable() async throws(LandingError) {
    do throws(LandingError) {
      if try await drainAndReturn() {
        log.notice("the spool is drained; batches go to the table again")
      } else {
        comeback?.retry()
      }
    } catch {
      guard error.isRetriable else { throw error }
      log.warning("the spool could not be drained yet", metadata: ["error": "\(error)"])
      status.place = .spool
      comeback?.retry()
    }
  }

  /// Drains the spool under its lock and reads both logs again; true when no chain is left.
  private func drainAndReturn() async throws(LandingError) -> Bool {
    guard let place = configuration.spool else { return false }
    let drainer = drainer(place)
    let isEmpty = try await SpoolLock.holding(place.directory) { () async throws(LandingError) in
      let report = try await drainer.drain()
      for reason in report.stopped { log.error("a spooled range cannot be landed", metadata: ["reason": "\(reason)"]) }
      try await openTable()
      try await openSpool()
      return spool?.rows.snapshot.hasChains != true
    }
    guard isEmpty ?? false else { return false }
    status.place = .table
    status.isSpoolFull = false
    comeback = nil
    return true
  }

  private func drainer(_ place: SpoolPlace) -> SpoolDrainer {
    // An outage leaves thousands of small files, and new ones come while they are brought home: one by one they would
    // never be home on a store that takes half a second for each.
    var options = DrainOptions()
    options.mergesSmallFiles = true
    return SpoolDrainer(
      spool: place.stores, table: configuration.table, engine: configuration.engine, log: log, options: options)
  }

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
