internal import Columnar
internal import Features
internal import Forest
internal import NIOCore
internal import Storage
internal import Synchronization

/// The one place where feed, alarms and pages meet: the ward behind a lock, and who listens to it.
final class WardHub: Sendable {
  /// All that pages show.
  struct State: Sendable {
    var ward: WardState
    var alarms = AlarmBoard()
    var feed = FeedState()
    var earlyWarning = EarlyWarning.none
    /// Grows with every change of any part; what listeners compare.
    var version: Int { ward.version }
  }

  fileprivate struct Shared {
    var state: State
    var listeners: [Int: AsyncStream<Void>.Continuation] = [:]
    var nextListener = 0
    var isClosed = false
    /// What was written for listeners at the present version, by the version that they had.
    var events: [Int: [ByteBuffer]] = [:]
    var lastBeat: Int64 = 0
  }

  private let shared: Mutex<Shared>
  /// How many may listen.
  let listenerLimit: Int
  /// What tells this run's versions from another's.
  let epoch: String

  /// How often listeners hear something although nothing happened.
  static let beatMillis: Int64 = 5_000
  /// Files that were written longer ago than this did not arrive now.
  private static let oldMillis: Int64 = 30_000

  init(ward: WardState, listenerLimit: Int) {
    shared = Mutex(Shared(state: State(ward: ward)))
    self.listenerLimit = listenerLimit
    epoch = String(WallClock.milliseconds(), radix: 36)
  }

  /// Looks at the state; nothing may wait inside.
  func look<Result: Sendable>(_ body: (State) -> Result) -> Result {
    shared.withLock { body($0.state) }
  }

  // MARK: What comes in

  /// Takes rows in, and what follows from them for alarms.
  ///
  /// - Parameters:
  ///   - written: when the file of the rows was written.
  ///   - seen: when the look at the log began that found the file.
  func take(
    _ batches: [RecordBatch], written: Int64, seen: Int64? = nil, now: Int64 = WallClock.milliseconds()
  ) throws(ReadingStore.Refusal) {
    let arrival = now - written > Self.oldMillis ? written : now
    let failure = shared.withLock { shared -> ReadingStore.Refusal? in
      do throws(ReadingStore.Refusal) { try shared.state.ward.take(batches, arrival: arrival, now: now) } catch {
        return error
      }
      shared.state.alarms.update(shared.state.ward, now: now)
      shared.state.feed.lastNews = max(shared.state.feed.lastNews ?? .min, arrival)
      shared.state.feed.clocksAhead = shared.state.ward.clocksAhead
      shared.state.feed.lagMillis = shared.state.ward.newestEvent.map { max(0, arrival - $0) }
      shared.state.feed.seen = seen ?? now
      shared.changed()
      return nil
    }
    if let failure { throw failure }
  }

  /// Notes how the pipeline stands; listeners hear of it where anything changed.
  func note(_ change: (inout FeedState) -> Void) {
    let isNew = shared.withLock { shared in
      var feed = shared.state.feed
      change(&feed)
      guard feed != shared.state.feed else { return false }
      let isSeen = feed.place != shared.state.feed.place
      shared.state.feed = feed
      shared.changed()
      return isSeen
    }
    if isNew { announce() }
  }

  /// Takes another model of what is to come: readings are kept from now on as far as it looks back.
  func set(_ warning: EarlyWarning) {
    shared.withLock { shared in
      shared.state.earlyWarning = warning
      shared.state.ward.remember(windowMillis: warning.model?.windows.past)
      shared.changed()
    }
    announce()
  }

  /// Notes what the model says of a patient; it shows with the patient's next reading.
  func note(_ forecast: EarlyWarningModel.Forecast, of key: String, at time: Int64) {
    shared.withLock { $0.state.ward.note(forecast, of: key, at: time) }
  }

  /// Forgets everybody: what was read holds no more.
  func forget() {
    shared.withLock { shared in
      shared.state.ward.forget()
      shared.state.alarms.startOver()
      shared.changed()
    }
  }

  /// Looks at the clock.
  func tick(now: Int64) {
    let isNew = shared.withLock { shared in
      let (hadPause, before) = (shared.state.alarms.pause != nil, shared.state.alarms.revision)
      // While the table is away nobody is silent who may speak there.
      let changed = shared.state.feed.isLive && shared.state.ward.tick(now: now)
      shared.state.alarms.update(shared.state.ward, now: now)
      let alarms = before != shared.state.alarms.revision || hadPause != (shared.state.alarms.pause != nil)
      if changed || alarms { shared.changed() }
      let isDue = now - shared.lastBeat >= Self.beatMillis
      if isDue { shared.lastBeat = now }
      return changed || alarms || isDue
    }
    if isNew { announce() }
  }

  /// Changes alarms as somebody asks.
  func changeAlarms<Result: Sendable>(_ body: (inout AlarmBoard) -> Result) -> Result {
    let result = shared.withLock { shared in
      let before = shared.state.alarms.highest
      let result = body(&shared.state.alarms)
      let after = shared.state.alarms.highest
      for key in Set(before.keys).union(after.keys) where before[key] != after[key] { shared.state.ward.touch(key) }
      shared.changed()
      return result
    }
    announce()
    return result
  }

  /// The alarms that are to be sent now.
  func dueAlarms(now: Int64 = WallClock.milliseconds()) -> [Alarm] {
    shared.withLock { shared in
      let reminder = Int64(shared.state.ward.settings.reminderSeconds * 1_000)
      return shared.state.alarms.due(now: now, reminderMillis: reminder)
    }
  }

  /// The alarms, where anything about them that is kept has changed.
  func alarms(since revision: Int) -> AlarmBoard? {
    shared.withLock { $0.state.alarms.revision == revision ? nil : $0.state.alarms }
  }

  // MARK: Who listens

  /// A listener's wake-ups; one waits at most, however many there were. Its place is free again once nobody has it,
  /// whether the stream was begun or not.
  final class Subscription: Sendable {
    let wakeUps: AsyncStream<Void>
    private let hub: WardHub
    private let number: Int

    fileprivate init(_ hub: WardHub, _ number: Int, _ wakeUps: AsyncStream<Void>) {
      (self.hub, self.number, self.wakeUps) = (hub, number, wakeUps)
    }

    deinit { hub.unsubscribe(number) }
  }

  /// Begins to listen; `nil` where too many do, or the server ends.
  func subscribe() -> Subscription? {
    let (wakeUps, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    let number = shared.withLock { shared -> Int? in
      guard shared.listeners.count < listenerLimit, !shared.isClosed else { return nil }
      shared.nextListener += 1
      shared.listeners[shared.nextListener] = continuation
      return shared.nextListener
    }
    return number.map { Subscription(self, $0, wakeUps) }
  }

  private func unsubscribe(_ number: Int) {
    shared.withLock { $0.listeners.removeValue(forKey: number) }?.finish()
  }

  /// How many listen.
  var listenerCount: Int { shared.withLock { $0.listeners.count } }

  /// Wakes all who listen.
  func announce() {
    for listener in shared.withLock({ Array($0.listeners.values) }) { listener.yield() }
  }

  /// Lets all go who listen, since the server ends.
  func close() {
    let listeners = shared.withLock { shared in
      shared.isClosed = true
      defer { shared.listeners = [:] }
      return Array(shared.listeners.values)
    }
    for listener in listeners { listener.finish() }
  }

  /// The events that a listener is told who had a version: made once for all who had the same, and one memory for all,
  /// however many listen. Only the last names the new version: who has not got all begins again.
  func events(since version: Int, _ make: (State) -> [[UInt8]]) -> (events: [ByteBuffer], version: Int) {
    shared.withLock { shared in
      if let known = shared.events[version] { return (known, shared.state.version) }
      let parts = make(shared.state)
      let events = parts.indices.map { place in
        var event = ByteBuffer()
        event.reserveCapacity(parts[place].count + 64)
        if place == parts.count - 1 { event.writeString("id: \(epoch)-\(shared.state.version)\n") }
        event.writeString("data: ")
        event.writeBytes(parts[place])
        event.writeString("\n\n")
        return event
      }
      if shared.events.count < 64 { shared.events[version] = events }
      return (events, shared.state.version)
    }
  }

  /// The present version.
  var version: Int { shared.withLock { $0.state.version } }
}

extension WardHub.Shared {
  /// Ends a change.
  fileprivate mutating func changed() {
    state.ward.advance()
    events = [:]
  }
}
