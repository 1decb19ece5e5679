internal import HTTPTypes
internal import NIOCore
internal import NIOHTTPTypes

/// Answers what a ``PromptResponder`` takes; all else goes on to where requests are usually answered.
///
/// A request is held back until its end. Where it has not come whole by the end of one reading of the socket, what is
/// held goes on too: limits and patience are looked after there, and nothing waits here. So does all that comes behind
/// a request that is still answered there, lest answers overtake each other.
final class PromptHandler: ChannelDuplexHandler {
  typealias InboundIn = HTTPRequestPart
  typealias InboundOut = HTTPRequestPart
  typealias OutboundIn = HTTPResponsePart
  typealias OutboundOut = HTTPResponsePart

  private let responder: any PromptResponder
  private let date: DateHeader
  private var held: (head: HTTPRequest, body: ByteBuffer?)?
  /// Requests that went on and have no answer yet.
  private var unanswered = 0
  private var needsFlush = false

  init(_ responder: any PromptResponder, date: DateHeader) {
    self.responder = responder
    self.date = date
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch Self.unwrapInboundIn(data) {
    case .head(let head):
      // Who asks for a connection to be closed is served where that is done.
      if unanswered == 0, head.headerFields[.connection].map({ $0 == "keep-alive" }) ?? true, responder.isPrompt(head) {
        held = (head, nil)
      } else {
        unanswered += 1
        context.fireChannelRead(data)
      }
    case .body(var part):
      guard held != nil else { return context.fireChannelRead(data) }
      if held?.body == nil { held?.body = part } else { held?.body?.writeBuffer(&part) }
      if held?.body.map({ $0.readableBytes > responder.promptBodyLimit }) == true { letGo(context) }
    case .end(let trailers):
      guard let whole = held, trailers == nil else {
        letGo(context)
        return context.fireChannelRead(data)
      }
      held = nil
      answer(whole.head, whole.body ?? ByteBuffer(), context)
    }
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    letGo(context)
    if needsFlush {
      needsFlush = false
      context.flush()
    }
    context.fireChannelReadComplete()
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    if case .end = Self.unwrapOutboundIn(data) { unanswered -= 1 }
    context.write(data, promise: promise)
  }

  private func answer(_ head: HTTPRequest, _ body: ByteBuffer, _ context: ChannelHandlerContext) {
    var (head, body) = responder.answer(head, body: body)
    head.headerFields[.date] = date.text
    context.write(Self.wrapOutboundOut(.head(head)), promise: nil)
    context.write(Self.wrapOutboundOut(.body(body)), promise: nil)
    context.write(Self.wrapOutboundOut(.end(nil)), promise: nil)
    needsFlush = true
  }

  /// Lets what is held go on.
  private func letGo(_ context: ChannelHandlerContext) {
    guard let (head, body) = held else { return }
    held = nil
    unanswered += 1
    context.fireChannelRead(Self.wrapInboundOut(.head(head)))
    if let body { context.fireChannelRead(Self.wrapInboundOut(.body(body))) }
  }
}
