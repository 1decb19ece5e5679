import Dispatch
import Glibc
import Synchronization
public import Telemetry

/// Answers `GET /metrics`, `/healthz` and `/readyz` over HTTP/1.1, one short request a connection.
///
/// It reads no more of a request than its first line, at most 4 KiB and five seconds long, and has three answers. What
/// more a web server must know is left to one that is made for it.
public final class StatusServer: Sendable {
  /// The port that it listens on.
  public let port: UInt16
  private let socket: Int32
  private let answer: @Sendable (_ path: String) -> Answer
  private let queue = DispatchQueue(label: "vitals-sink.status")
  private let isClosed = Atomic(false)

  /// An answer in plain text.
  public struct Answer: Hashable, Sendable {
    /// The HTTP status.
    public var status: Int
    /// The text.
    public var text: String

    /// Makes an answer.
    public init(status: Int, text: String) {
      self.status = status
      self.text = text
    }
  }

  /// Listens on a port of all interfaces, or on any free one for 0.
  ///
  /// - Throws: ``LandingError`` when the port cannot be had.
  public init(port: UInt16, answer: @escaping @Sendable (_ path: String) -> Answer) throws(LandingError) {
    self.answer = answer
    let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    self.socket = socket
    var yes: Int32 = 1
    unsafe setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = unsafe withUnsafeMutablePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        unsafe bind(socket, pointer, size) == 0 && listen(socket, 16) == 0 && getsockname(socket, pointer, &size) == 0
      }
    }
    guard socket >= 0, isBound else {
      let reason = unsafe String(cString: strerror(errno))
      if socket >= 0 { close(socket) }
      throw LandingError(.file, "the port \(port) for metrics cannot be had: \(reason); choose another --metrics-port")
    }
    self.port = UInt16(bigEndian: address.sin_port)
    queue.async { [self] in serve() }
  }

  /// Stops listening.
  public func stop() {
    guard !isClosed.exchange(true, ordering: .acquiringAndReleasing) else { return }
    shutdown(socket, Int32(SHUT_RDWR))
  }

  private func serve() {
    while !isClosed.load(ordering: .acquiring) {
      let connection = accept(socket, nil, nil)
      if connection < 0 {
        if errno == EINTR || errno == ECONNABORTED { continue }
        if isClosed.load(ordering: .acquiring) { break }
        // Out of descriptors, perhaps: not for ever.
        Pause.sleep(.milliseconds(100))
        continue
      }
      handle(connection)
      close(connection)
    }
    close(socket)
  }

  private func handle(_ connection: Int32) {
    var patience = timeval(tv_sec: 5, tv_usec: 0)
    let size = socklen_t(MemoryLayout<timeval>.size)
    unsafe setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, size)
    unsafe setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &patience, size)
    var request: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4_096)
    while !request.contains(UInt8(ascii: "\n")), request.count < buffer.count {
      let count = unsafe recv(connection, &buffer, buffer.count - request.count, 0)
      guard count > 0 else { return }
      request += buffer[..<count]
    }
    var bytes = Self.response(to: request, answer)[...]
    while !bytes.isEmpty {
      let count = unsafe bytes.withUnsafeBytes {
        unsafe send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return }
      bytes = bytes.dropFirst(count)
    }
    // The rest of the request is read away: closing over unread bytes would take our answer back.
    shutdown(connection, Int32(SHUT_WR))
    while unsafe recv(connection, &buffer, buffer.count, 0) > 0 {}
  }

  /// The bytes of the answer to a request's beginning.
  static func response(to request: [UInt8], _ answer: (String) -> Answer) -> [UInt8] {
    let line = request.prefix { $0 != UInt8(ascii: "\r") && $0 != UInt8(ascii: "\n") }
    let words = String(decoding: line, as: UTF8.self).split(separator: " ", omittingEmptySubsequences: false)
    let made: Answer =
      if words.count != 3 || !words[2].hasPrefix("HTTP/1.") {
        Answer(status: 400, text: "this is no HTTP request\n")
      } else if words[0] != "GET" {
        Answer(status: 405, text: "only GET is answered\n")
      } else {
        answer(String(words[1].prefix { $0 != "?" }))
      }
    let body = Array(made.text.utf8)
    let reasons = [200: "OK", 400: "Bad Request", 404: "Not Found", 405: "Method Not Allowed"]
    let head =
      "HTTP/1.1 \(made.status) \(reasons[made.status] ?? "Service Unavailable")\r\n"
      + "Content-Type: text/plain; version=0.0.4; charset=utf-8\r\nContent-Length: \(body.count)\r\n"
      + "Connection: close\r\n\r\n"
    return Array(head.utf8) + body
  }

  /// The three answers of a sink.
  public static func answers(
    registry: PrometheusRegistry, health: Health
  ) -> @Sendable (_ path: String) -> Answer {
    { path in
      switch path {
      case "/metrics": return Answer(status: 200, text: registry.text())
      case "/healthz":
        return health.isAlive()
          ? Answer(status: 200, text: "alive\n") : Answer(status: 503, text: "a consumer gives no sign of life\n")
      case "/readyz":
        let troubles = health.troubles()
        return troubles.isEmpty
          ? Answer(status: 200, text: "ready\n")
          : Answer(status: 503, text: troubles.joined(separator: "\n") + "\n")
      default: return Answer(status: 404, text: "there are /metrics, /healthz and /readyz\n")
      }
    }
  }
}
