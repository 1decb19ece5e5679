package import HTTPTypes
internal import NIOCore
internal import NIOHTTP1

/// What answers some requests at once: on the thread of their socket, out of memory.
///
/// The usual way of a request leads over Swift's own pool of threads, which is a second one beside that of the sockets:
/// it is handed over there, and its answer back, each time waking a thread. For an answer that takes no longer than
/// that the way is the greater part of the work.
package protocol PromptResponder: Sendable {
  /// How long a body may be.
  var promptBodyLimit: Int { get }

  /// Whether a request is answered at once, provided that it has come whole.
  func isPrompt(method: String, path: String) -> Bool

  /// The answer to a request for which ``isPrompt(method:path:)`` holds.
  func answer(_ request: PromptRequest) -> PromptAnswer
}

/// A request that has come whole.
package struct PromptRequest {
  let head: HTTPRequestHead
  let content: ByteBuffer

  /// Its method, in capitals.
  package var method: String { head.method.rawValue }
  /// Its path, and the query where it has one.
  package var path: String { head.uri }
  /// Its body.
  package var body: [UInt8] { Array(buffer: content) }

  /// The first value of a header, whose name may be written in any case.
  package func header(_ name: String) -> String? { head.headers.first(name: name) }
}

/// An answer, to which its length and the date are added.
package struct PromptAnswer {
  var status: Int
  var headers: [HTTPField]
  var body: [UInt8]

  /// Makes an answer.
  package init(status: Int, headers: [HTTPField], body: [UInt8]) {
    (self.status, self.headers, self.body) = (status, headers, body)
  }

  /// Writes it as HTTP/1.1 has it (RFC 9112).
  func write(to buffer: inout ByteBuffer, date: String) {
    if status == 200 {
      buffer.writeStaticString("HTTP/1.1 200 OK\r\n")
    } else {
      buffer.writeString("HTTP/1.1 \(status) \(HTTPResponseStatus(statusCode: status).reasonPhrase)\r\n")
    }
    // A field holds no line breaks: it is made without them.
    for field in headers {
      buffer.writeString(field.name.rawName)
      buffer.writeStaticString(": ")
      buffer.writeString(field.value)
      buffer.writeStaticString("\r\n")
    }
    buffer.writeStaticString("content-length: ")
    buffer.writeString(String(body.count))
    buffer.writeStaticString("\r\ndate: ")
    buffer.writeString(date)
    buffer.writeStaticString("\r\n\r\n")
    buffer.writeBytes(body)
  }
}
