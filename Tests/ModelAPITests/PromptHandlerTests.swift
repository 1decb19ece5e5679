import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import Serving

/// The prompt handler between its neighbours, without a socket: what a socket's buffers would hide.
@Suite("Prompt handler")
struct PromptHandlerTests {
  /// Answers every POST with its body.
  private struct Echo: PromptResponder {
    let promptBodyLimit = 10

    func isPrompt(method: String, path: String) -> Bool { method == "POST" }

    func answer(_ request: PromptRequest) -> PromptAnswer {
      PromptAnswer(status: 200, headers: [], body: request.body)
    }
  }

  /// Counts how often the socket is read.
  private final class Reads: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer
    var count = 0

    func read(context: ChannelHandlerContext) {
      count += 1
      context.read()
    }
  }

  private let reads = Reads()
  private let channel: EmbeddedChannel

  init() throws {
    let reads = reads
    channel = EmbeddedChannel(handlers: [reads, HTTPResponseEncoder()])
    let pipeline = channel.pipeline.syncOperations
    try pipeline.addHandler(
      PromptHandler(
        Echo(), date: DateHeader(), past: try pipeline.context(handlerType: HTTPResponseEncoder.self),
        outbox: Outbox(channel.eventLoop), patience: .hours(1)))
    channel.pipeline.fireChannelActive()
    reads.count = 0
  }

  /// A request that has come whole, in one reading of the socket that still goes on.
  private func receive(_ body: String) {
    let head = HTTPRequestHead(version: .http1_1, method: .POST, uri: "/", headers: ["host": "x"])
    for part: HTTPServerRequestPart in [.head(head), .body(ByteBuffer(string: body)), .end(nil)] {
      channel.pipeline.fireChannelRead(part)
    }
  }

  /// What has been sent.
  private func sent() throws -> String {
    var text = ""
    while let part = try channel.readOutbound(as: ByteBuffer.self) { text += String(buffer: part) }
    return text
  }

  @Test("the socket of a client that does not read is not read until it does")
  func held() throws {
    channel.pipeline.read()
    #expect(reads.count == 1)
    channel.isWritable = false
    channel.pipeline.read()
    channel.pipeline.read()
    #expect(reads.count == 1)
    channel.isWritable = true
    channel.pipeline.fireChannelWritabilityChanged()
    #expect(reads.count == 2)
    // Once is enough.
    channel.pipeline.fireChannelWritabilityChanged()
    #expect(reads.count == 2)
  }

  @Test("what closes a connection comes behind the answers before it")
  func ends() throws {
    receive("one")
    #expect(try sent().isEmpty)
    channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
    #expect(try sent().hasSuffix("\r\n\r\none"))
    receive("two")
    try channel.close().wait()
    #expect(try sent().hasSuffix("\r\n\r\ntwo"))
  }

  @Test("a body that is too long goes on, and so does all behind it until it is answered")
  func goesOn() throws {
    receive("longer than ten")
    receive("short")
    channel.embeddedEventLoop.run()
    #expect(try sent().isEmpty)
    var parts = 0
    while try channel.readInbound(as: HTTPServerRequestPart.self) != nil { parts += 1 }
    #expect(parts == 6)
    // As many answers as requests, and then the next is prompt again.
    for _ in 0..<2 {
      try channel.writeOutbound(HTTPServerResponsePart.head(HTTPResponseHead(version: .http1_1, status: .noContent)))
      try channel.writeOutbound(HTTPServerResponsePart.end(nil))
    }
    _ = try sent()
    receive("short")
    channel.pipeline.fireChannelReadComplete()
    channel.embeddedEventLoop.run()
    #expect(try sent().hasSuffix("\r\n\r\nshort"))
  }
}
