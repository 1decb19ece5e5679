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

  func run(_ subscription: WardHub.Subscription, _ writer: inout any ResponseBodyWriter) async throws {
    var known = version(since)
    try await write("retry: 2000\n\n", &writer)
    var last: ContinuousClock.Instant?
    var wakeUps = subscription.wakeUps.makeAsyncIterator()
    repeat {
      if let last {
        // A second less a little: updates that come in time with the interval are not put off to the next one.
        let rest = every - (ContinuousClock.now - last) - .milliseconds(100)
        if rest > .zero { try await Task.sleep(for: rest) }
      }
      let (bytes, next) = payload(known)
      let head = "id: \(hub.epoch)-\(next)\ndata: "
      try await write(Array(head.utf8) + bytes + [10, 10], &writer)
      if next != known { last = .now }
      known = next
    } while await wakeUps.next() != nil
    try await writer.finish(nil)
  }

  private func payload(_ known: Int?) -> (bytes: [UInt8], version: Int) {
    let now = WallClock.milliseconds()
    guard showsTiles else {
      let bytes = hub.look { (Update.json($0, since: .max, isWhole: false, now: now), $0.version) }
      return (bytes.0, bytes.1)
    }
    return hub.payload(since: known ?? -1) { state in
      let isWhole = known.map { $0 < state.ward.forgottenAt } ?? true
      return Update.json(state, since: known ?? -1, isWhole: isWhole, now: now)
    }
  }

  /// The version that the page has; `nil` where it is one of another run.
  private func version(_ id: String) -> Int? {
    guard id.hasPrefix("\(hub.epoch)-") else { return nil }
    return Int(id.dropFirst(hub.epoch.count + 1))
  }

  private func write(_ text: String, _ writer: inout any ResponseBodyWriter) async throws {
    try await write(Array(text.utf8), &writer)
  }

  private func write(_ bytes: [UInt8], _ writer: inout any ResponseBodyWriter) async throws {
    let channel = channel
    let patience = patience
    let watch = Task {
      try await Task.sleep(for: patience)
      channel.close(promise: nil)
    }
    defer { watch.cancel() }
    try await writer.write(ByteBuffer(bytes: bytes))
  }
}
