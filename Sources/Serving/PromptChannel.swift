internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix

/// HTTP/1.1 as Hummingbird serves it, with a ``PromptHandler`` before it.
struct PromptChannel: ServerChildChannel {
  let base: HTTP1Channel
  let responder: any PromptResponder
  let date = DateHeader()
  private let outboxes = ThreadSpecificVariable<NIOLoopBoundBox<Outbox>>()

  init(base: HTTP1Channel, responder: any PromptResponder) {
    self.base = base
    self.responder = responder
  }

  func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<HTTP1Channel.Value> {
    base.setup(channel: channel, logger: logger).flatMapThrowing { value in
      let pipeline = channel.pipeline.syncOperations
      let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
      let handler = PromptHandler(
        responder, date: date, past: try pipeline.context(handlerType: HTTPResponseEncoder.self),
        outbox: outbox(channel.eventLoop),
        patience: base.configuration.idleTimeout.map { .nanoseconds($0.nanoseconds / 4) } ?? .hours(1))
      try pipeline.addHandler(handler, position: .after(decoder))
      return value
    }
  }

  func handle(value: HTTP1Channel.Value, logger: Logger) async { await base.handle(value: value, logger: logger) }

  /// The one of this thread, which is the loop's.
  private func outbox(_ loop: any EventLoop) -> Outbox {
    if let known = outboxes.currentValue { return known.value }
    let made = Outbox(loop)
    outboxes.currentValue = NIOLoopBoundBox(made, eventLoop: loop)
    return made
  }
}
