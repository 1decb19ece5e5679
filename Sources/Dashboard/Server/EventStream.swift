internal import Hummingbird
internal import NIOCore
internal import Storage

/// One page that listens: it is told at once when something changed after a rest, and at most once an interval while
/// much happens. What it missed meanwhile comes in one update, so a slow page costs no memory; one that takes nothing
/// for too long is let go.
struct EventStream: Sendable {
  let hub: WardHub
  let every: Duration
  /// The version that the page has, as `epoch-version`.
  let since: String
  let showsTiles: Bool
  let patience: Duration
  let channel: any Channel

  /// Between the parts of an update, so that a browser draws and listens to its user meanwhile.
  private static let partRest = Duration.milliseconds(20)

  func run(_ subscription: WardHub.Subscription, _ writer: inout any ResponseBodyWriter) async throws {
    var known = version(since)
    try await write("retry: 2000\n\n", &writer)
    var pace = Pace(every: every)
    var wakeUps = subscription.wakeUps.makeAsyncIterator()
    repeat {
      let rest = pace.rest(at: .now)
      if rest > .zero { try await Task.sleep(for: rest) }
      let (events, next) = events(known)
      for (place, event) in events.enumerated() {
        if place > 0 { try await Task.sleep(for: Self.partRest) }
        try await write(event, &writer)
      }
      if next != known { pace.note(at: .now) }
      known = next
    } while await wakeUps.next() != nil
    try await writer.finish(nil)
  }

  private func events(_ known: Int?) -> (events: [ByteBuffer], version: Int) {
    let now = WallClock.milliseconds()
    return hub.events(since: showsTiles ? known ?? -1 : .max) { state in
      let isWhole = showsTiles && known.map { $0 < state.ward.forgottenAt } ?? true
      return Update.parts(state, since: showsTiles ? known ?? -1 : .max, isWhole: isWhole, now: now)
    }
  }

  /// The version that the page has; `nil` where it is one of another run.
  private func version(_ id: String) -> Int? {
    guard id.hasPrefix("\(hub.epoch)-") else { return nil }
    return Int(id.dropFirst(hub.epoch.count + 1))
  }

  private func write(_ text: String, _ writer: inout any ResponseBodyWriter) async throws {
    try await write(ByteBuffer(string: text), &writer)
  }

  private func write(_ bytes: ByteBuffer, _ writer: inout any ResponseBodyWriter) async throws {
    let channel = channel
    let patience = patience
    let watch = Task {
      try await Task.sleep(for: patience)
      channel.close(promise: nil)
    }
    defer { watch.cancel() }
    try await writer.write(bytes)
  }
}
