import Glibc
import Synchronization

/// A server on the loopback that answers like a schema registry, or not; one request a connection.
final class StandInRegistry: Sendable {
  /// What is answered: a status and a body; `nil` closes the connection without a word.
  typealias Answer = @Sendable (_ request: String) -> (status: Int, body: String)?

  let port: UInt16
  /// The requests so far, whole.
  let requests = Mutex([String]())
  private let socket: Int32
  private let answer: Answer

  init(_ answer: @escaping Answer) {
    self.answer = answer
    socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let socket = socket
    withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = bind(socket, $0, size)
        _ = listen(socket, 16)
        _ = getsockname(socket, $0, &size)
      }
    }
    port = UInt16(bigEndian: address.sin_port)
  }

  var url: String { "http://127.0.0.1:\(port)" }

  /// Serves so many connections on a thread of its own, while a body runs.
  func serving<Value>(_ connections: Int, _ body: () throws -> Value) rethrows -> Value {
    var thread = pthread_t()
    let work = Unmanaged.passRetained(Work(server: self, connections: connections))
    pthread_create(
      &thread, nil,
      { raw in
        guard let raw else { return nil }
        let work = Unmanaged<Work>.fromOpaque(raw).takeRetainedValue()
        for _ in 0..<work.connections { work.server.serveOne() }
        return nil
      }, work.toOpaque())
    defer { pthread_join(thread, nil) }
    return try body()
  }

  private final class Work {
    let server: StandInRegistry
    let connections: Int
    init(server: StandInRegistry, connections: Int) { (self.server, self.connections) = (server, connections) }
  }

  private func serveOne() {
    var poller = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
    guard poll(&poller, 1, 10_000) == 1 else { return }
    let connection = accept(socket, nil, nil)
    guard connection >= 0 else { return }
    defer { close(connection) }
    var text = ""
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while !isWhole(text) {
      let count = recv(connection, &buffer, buffer.count, 0)
      guard count > 0 else { return }
      text += String(decoding: buffer.prefix(count), as: UTF8.self)
    }
    requests.withLock { $0.append(text) }
    guard let (status, body) = answer(text) else { return }
    let head = "HTTP/1.1 \(status) X\r\nContent-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n"
    let reply = Array((head + body).utf8)
    var sent = 0
    while sent < reply.count {
      let count = reply.withUnsafeBytes {
        send(connection, $0.baseAddress! + sent, reply.count - sent, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return }
      sent += count
    }
  }

  private func isWhole(_ text: String) -> Bool {
    let parts = text.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2 else { return false }
    let length = parts[0].split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length:") }
    return parts[1].utf8.count >= length.flatMap { Int($0.split(separator: " ").last ?? "0") } ?? 0
  }

  deinit { close(socket) }
}
