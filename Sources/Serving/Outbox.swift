internal import NIOCore

/// Answers that are written and not yet sent, of all connections of one event loop.
///
/// To send wakes who reads, which takes longer than sending itself. What is answered in one round of the loop is sent
/// together at its end, so that who asks on many connections is woken once; or earlier, once the first has waited for a
/// millisecond.
final class Outbox {
  private let loop: NIOIsolatedEventLoop
  private var waiting: [ChannelHandlerContext] = []
  private var since = NIODeadline.now()

  /// For the loop on whose thread this runs.
  init(_ loop: any EventLoop) { self.loop = loop.assumeIsolated() }

  /// Sends what is written in a place of a pipeline, soon.
  func add(_ context: ChannelHandlerContext) {
    let now = NIODeadline.now()
    if waiting.isEmpty {
      since = now
      loop.execute { self.send() }
    }
    waiting.append(context)
    if now - since >= .milliseconds(1) { send() }
  }

  private func send() {
    let all = waiting
    waiting.removeAll(keepingCapacity: true)
    for context in all { context.flush() }
  }
}
