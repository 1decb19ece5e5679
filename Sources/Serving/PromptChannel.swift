internal import HummingbirdCore
internal import Logging
internal import NIOCore

/// HTTP/1.1 as Hummingbird serves it, with a ``PromptHandler`` before it.
struct PromptChannel: ServerChildChannel {
  let base: HTTP1Channel
  let responder: any PromptResponder
  let date = DateHeader()

  func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<HTTP1Channel.Value> {
    base.setup(channel: channel, logger: logger).flatMapThrowing { value in
      // Behind what closes idle connections, which so knows of every request.
      let pipeline = channel.pipeline.syncOperations
      let idle = try pipeline.handler(type: HTTPConnectionStateHandler.self)
      try pipeline.addHandler(PromptHandler(responder, date: date), position: .after(idle))
      return value
    }
  }

  func handle(value: HTTP1Channel.Value, logger: Logger) async { await base.handle(value: value, logger: logger) }
}
