import CommandSupport
import Foundation
import Glibc
import Synchronization

/// A fixed port on loopback whose connections are carried on to the mock cluster.
///
/// The mock cluster chooses its own ports, and its answers name those: a client needs the fixed port for its first
/// question only (and again when the broker was started anew), then it talks to the brokers themselves.
final class PortForwarder: Sendable {
  /// `host:port` of the fixed port.
  let address: String
  private let listener: Int32
  private let target: UInt16
  private let open = Atomic(0)

  /// More connections than any development set-up has; further ones are closed at once.
  private static let limit = 256

  /// Listens on `port` and carries connections to the first of the `servers`.
  ///
  /// - Throws: where the port is taken or not allowed.
  init(from port: Int, to servers: String) throws {
    let first = servers.split(separator: ",").first.flatMap { $0.split(separator: ":").last }.flatMap { UInt16($0) }
    guard let target = first, let port = UInt16(exactly: port) else {
      throw CommandError("cannot forward port \(port) to \(servers)")
    }
    self.target = target
    address = "127.0.0.1:\(port)"
    listener = Socket.make()
    guard listener >= 0, Socket.listen(listener, port: port) else {
      let reason = unsafe String(cString: strerror(errno))
      close(listener)
      throw CommandError("cannot listen on 127.0.0.1:\(port): \(reason) – choose another --port, or 0")
    }
    Thread.detachNewThread { [self] in acceptAll() }
  }

  private func acceptAll() {
    while true {
      let client = accept(listener, nil, nil)
      guard client >= 0 else {
        if errno == EINTR || errno == ECONNABORTED { continue }
        if errno == EMFILE || errno == ENFILE {
          usleep(100_000)
          continue
        }
        return
      }
      let server = Socket.make()
      guard open.load(ordering: .relaxed) < Self.limit, server >= 0, Socket.connect(server, port: target) else {
        close(client)
        close(server)
        continue
      }
      open.add(1, ordering: .relaxed)
      carryBothWays(client, server)
    }
  }

  /// Two threads copy; each ends the other's reading, and the last one closes both sockets.
  private func carryBothWays(_ client: Int32, _ server: Int32) {
    let ends = SharedCount()
    for (source, sink) in [(client, server), (server, client)] {
      Thread.detachNewThread { [self] in
        Socket.copy(from: source, to: sink)
        shutdown(source, Int32(SHUT_RDWR))
        shutdown(sink, Int32(SHUT_RDWR))
        guard ends.increment() == 2 else { return }
        close(client)
        close(server)
        open.subtract(1, ordering: .relaxed)
      }
    }
  }
}

/// A count that two threads share.
private final class SharedCount: Sendable {
  private let count = Atomic(0)
  func increment() -> Int { count.add(1, ordering: .acquiringAndReleasing).newValue }
}
