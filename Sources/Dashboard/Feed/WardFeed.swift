internal import Delta
internal import Features
internal import Logging
internal import ServiceLifecycle
internal import Storage

/// Keeps the ward up to date: looks at the logs of table and spool several times a second, and at the clock.
struct WardFeed: Service {
  let stores: DashboardStores
  let hub: WardHub
  let log: Logger

  /// How long between two looks at a log on the local disk, where a look costs two calls of the system, and elsewhere.
  static let localPause = Duration.milliseconds(50), pause = Duration.milliseconds(200)
  /// More files than a commit has; while so many wait, listeners are told how many are left.
  static let filesAtOnce = 64
  /// How long between two looks at the clock, and between two at what changes slowly.
  static let tickPause = Duration.milliseconds(250), slowPause = Duration.seconds(2)

  func run() async throws {
    try? await cancelWhenGracefulShutdown {
      var round = FeedRound(stores: stores)
      let pause = stores.table is LocalFileStore ? Self.localPause : Self.pause
      while true {
        await round.go(hub, log)
        try await Task.sleep(for: pause)
      }
    }
  }
}

/// The tails, and what they have come to.
private struct FeedRound {
  private var table: TableTail
  private var spool: TableTail?
  private var letters: TableTail?
  private var slowLook: ContinuousClock.Instant?
  private var ticked: ContinuousClock.Instant?
  private var failures = 0
  private var resting: ContinuousClock.Instant?

  init(stores: DashboardStores) {
    table = TableTail(store: stores.table, mindsRemovals: true)
    spool = stores.spool.map { TableTail(store: $0, mindsRemovals: false) }
    letters = stores.deadLetters.map { TableTail(store: $0, mindsRemovals: false) }
  }

  mutating func go(_ hub: WardHub, _ log: Logger) async {
    // The spool is on this host, and shows readings while the table is away.
    await lookAtSpool(hub)
    if resting.map({ ContinuousClock.now >= $0 }) ?? true { await lookAtTable(hub, log) }
    if slowLook.map({ ContinuousClock.now - $0 > WardFeed.slowPause }) ?? true { await lookSlowly(hub) }
    if ticked.map({ ContinuousClock.now - $0 >= WardFeed.tickPause }) ?? true {
      ticked = .now
      hub.tick(now: WallClock.milliseconds())
    }
  }

  private mutating func lookAtTable(_ hub: WardHub, _ log: Logger) async {
    let seen = WallClock.milliseconds()
    do throws(DeltaError) {
      switch try await table.look() {
      case .noTable: hub.note { $0.place = .noTable }
      case .forget:
        hub.forget()
        try await takeIn(hub, seen: seen)
      case .onward: try await takeIn(hub, seen: seen)
      }
      if failures > 0 { log.notice("the table answers again") }
      (failures, resting) = (0, nil)
    } catch {
      failures += 1
      if failures == 1 { log.warning("the table cannot be read; going on trying", metadata: ["error": "\(error)"]) }
      let place: FeedState.Place = error.isRetriable ? .away(error.reason) : .broken(error.reason)
      hub.note { $0.place = place }
      // Who is away is not asked several times a second.
      resting = .now + .milliseconds(min(200 * (1 << min(failures, 4)), 3_000))
    }
  }

  private mutating func takeIn(_ hub: WardHub, seen: Int64) async throws(DeltaError) {
    var hasMoved = false
    // The files of a commit are told as one; only where there are many more, how many are left.
    let isCatchingUp = table.waitingCount > WardFeed.filesAtOnce
    while let (batches, written) = try await table.next() {
      hasMoved = true
      do throws(ReadingStore.Refusal) {
        try hub.take(batches, written: written, seen: seen)
      } catch {
        table.noteDamage(error.words)
      }
      let left = table.waitingCount
      if isCatchingUp, left > 0 { hub.note { $0.place = .catchingUp(files: left) } }
    }
    let damaged = table.damaged
    hub.note { state in
      state.place = .live
      state.damagedFiles = damaged
    }
    if hasMoved { hub.announce() }
  }

  private mutating func lookAtSpool(_ hub: WardHub) async {
    guard var spool else { return }
    // Taken out, lest a change of it copies it.
    self.spool = nil
    defer { self.spool = spool }
    // A spool that cannot be read is the sink's to complain of.
    guard let finding = try? await spool.look(), finding != .noTable else { return }
    var hasMoved = false
    while let found = try? await spool.next() {
      hasMoved = true
      try? hub.take(found.batches, written: found.written)
    }
    if hasMoved { hub.announce() }
  }

  private mutating func lookSlowly(_ hub: WardHub) async {
    slowLook = .now
    if var tail = letters {
      letters = nil
      if failures == 0 { _ = try? await tail.look() }
      let rows = tail.size.rows
      letters = tail
      hub.note { $0.deadLetters = rows }
    }
    let size = spool?.size
    hub.note { state in
      (state.spoolFiles, state.spoolBytes) = (size?.files ?? 0, size?.bytes ?? 0)
    }
  }
}

extension DeltaError {
  /// What happened, for a page that everybody on the ward sees: no paths.
  fileprivate var reason: String {
    switch code {
    case .storage(.permissionDenied): "permission is denied"
    case .storage(.unavailable): "the store is away"
    case .storage: "the store fails"
    case .malformedLog: "its log is damaged"
    case .notSupported: "it uses a feature that is not implemented"
    default: "its log cannot be followed"
    }
  }
}

extension ReadingStore.Refusal {
  /// A line.
  fileprivate var words: String {
    switch self {
    case .column(let name): "the column \(name) is not that of a table of vitals"
    case .tooMany(let limit): "more than \(limit) rows in one file"
    }
  }
}
