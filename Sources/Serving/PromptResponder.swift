package import HTTPTypes
package import NIOCore

/// What answers some requests at once: on the thread of their socket, out of memory.
///
/// The usual way of a request leads over Swift's own pool of threads, which is a second one beside that of the sockets:
/// it is handed over there, and its answer back, each time waking a thread. For an answer that takes no longer than
/// that the way is the greater part of the work.
package protocol PromptResponder: Sendable {
  /// How long a body may be.
  var promptBodyLimit: Int { get }

  /// Whether a request is answered at once, provided that it has come whole.
  func isPrompt(_ head: HTTPRequest) -> Bool

  /// The answer to a request for which ``isPrompt(_:)`` holds.
  func answer(_ head: HTTPRequest, body: ByteBuffer) -> (head: HTTPResponse, body: ByteBuffer)
}
