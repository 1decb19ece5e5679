internal import NIOCore
internal import NIOHTTP1

/// Answers what a ``PromptResponder`` takes; all else goes on to where requests are usually answered.
///
/// A request is held back until its end. Where it has not come whole by the end of one reading of the socket, what is
/// held goes on too: limits and patience are looked after there, and nothing waits here. So does all that comes behind
/// a request that is still answered there, lest answers overtake each other.
///
/// It stands right behind the decoder of HTTP/1.1 and writes past its encoder: an answer is one buffer, made once.
final class PromptHandler: ChannelDuplexHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias InboundOut = HTTPServerRequestPart
  typealias OutboundIn = HTTPServerResponsePart
  typealias OutboundOut = HTTPServerResponsePart

  private let responder: any PromptResponder
  private let date: DateHeader
  /// From where answers go to the socket.
  private let encoder: ChannelHandlerContext
  private let outbox: Outbox
  /// A connection of which nothing has gone on for so long counts as idle behind this handler.
  private let patience: TimeAmount

  private var held: (head: HTTPRequestHead, body: ByteBuffer?)?
  /// Requests that went on and have no answer yet.
  private var unanswered = 0
  private var lastGone = NIODeadline.now()
  private var needsFlush = false
  /// Whether the socket is read again once the client has read enough.
  private var isReadHeld = false

  init(
    _ responder: any PromptResponder, date: DateHeader, past encoder: ChannelHandlerContext, outbox: Outbox,
    patience: TimeAmount
  ) {
    self.responder = responder
    self.date = date
    self.encoder = encoder
    self.outbox = outbox
    self.patience = patience
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch Self.unwrapInboundIn(data) {
    case .head(let head):
      if isPrompt(head) {
        held = (head, nil)
      } else {
        note()
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
      answer(PromptRequest(head: whole.head, content: whole.body ?? ByteBuffer()), context)
    }
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    letGo(context)
    if needsFlush { outbox.add(encoder) }
    needsFlush = false
    context.fireChannelReadComplete()
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    if case .end = Self.unwrapOutboundIn(data) { unanswered -= 1 }
    context.write(data, promise: promise)
  }

  // MARK: Clients that do not read

  func read(context: ChannelHandlerContext) {
    // Who asks without reading the answers is not heard until they are read: they would fill the memory.
    isReadHeld = !context.channel.isWritable
    if !isReadHeld { context.read() }
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    if isReadHeld, context.channel.isWritable {
      isReadHeld = false
      context.read()
    }
    context.fireChannelWritabilityChanged()
  }

  // MARK: Ends

  // What closes a connection comes as an event or goes out as a call, perhaps before the outbox has sent the answers.

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    encoder.flush()
    context.fireUserInboundEventTriggered(event)
  }

  func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
    encoder.flush()
    context.close(mode: mode, promise: promise)
  }

  // MARK: -

  private func isPrompt(_ head: HTTPRequestHead) -> Bool {
    guard unanswered == 0, head.version == .http1_1, responder.isPrompt(method: head.method.rawValue, path: head.uri)
    else { return false }
    // Who asks for a connection to be closed is served where that is done.
    if let connection = head.headers.first(name: "connection"), connection != "keep-alive" { return false }
    // Connections without requests are closed behind this handler, which so hears of some.
    return NIODeadline.now() - lastGone < patience
  }

  private func answer(_ request: PromptRequest, _ context: ChannelHandlerContext) {
    let answer = responder.answer(request)
    var buffer = context.channel.allocator.buffer(capacity: 512 + answer.body.count)
    answer.write(to: &buffer, date: date.text)
    encoder.write(NIOAny(buffer), promise: nil)
    needsFlush = true
  }

  /// Lets what is held go on.
  private func letGo(_ context: ChannelHandlerContext) {
    guard let (head, body) = held else { return }
    held = nil
    note()
    context.fireChannelRead(Self.wrapInboundOut(.head(head)))
    if let body { context.fireChannelRead(Self.wrapInboundOut(.body(body))) }
  }

  /// Notes that a request goes on.
  private func note() {
    unanswered += 1
    lastGone = .now()
  }
}
