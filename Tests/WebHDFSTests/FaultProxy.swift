import Glibc
import Synchronization

/// What a proxy does to the connections that go through it.
enum Fault: Sendable, Hashable, CustomStringConvertible {
  case none
  /// Closes in good order after so many bytes to the server.
  case closeAfterSending(Int)
  /// Closes in good order after so many bytes of the answer.
  case closeAfterAnswering(Int)
  /// Resets both sides after so many bytes to the server.
  case resetAfterSending(Int)
  /// Resets both sides after so many bytes of the answer.
  case resetAfterAnswering(Int)
  /// Lets so many bytes of the answer pass and then nothing more, without closing.
  case stallAfterAnswering(Int)
  /// Lets so many bytes to the server pass and then nothing more, without closing.
  case stallAfterSending(Int)
  /// Holds each portion of bytes back for so many milliseconds.
  case delay(Int)

  var description: String { Mirror(reflecting: self).children.first.map { "\($0.label ?? "")(\($0.value))" } ?? "none" }

  fileprivate var sendLimit: Int? {
    switch self {
    case .closeAfterSending(let n), .resetAfterSending(let n), .stallAfterSending(let n): n
    default: nil
    }
  }

  fileprivate var answerLimit: Int? {
    switch self {
    case .closeAfterAnswering(let n), .resetAfterAnswering(let n), .stallAfterAnswering(let n): n
    default: nil
    }
  }
}

/// A proxy on the loopback interface between a client and one server, which breaks connections at chosen bytes.
final class FaultProxy: Sendable {
  let port: Int
  private let target: Int
  private let listener: Int32
  private let current = Mutex(Fault.none)
  /// How many connections will still suffer; later ones pass unharmed.
  private let remaining = Mutex(Int.max)
  private let open = Mutex<Set<Int32>>([])
  private let accepted = Atomic(0)

  /// Listens on a free port and connects to `target`.
  init(target: Int) throws {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = FaultProxy.loopback(0)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { (pointer) in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, length) == 0 && listen(listener, 64) == 0 && getsockname(listener, $0, &length) == 0
      }
    }
    guard isBound else { throw ProxyError() }
    self.target = target
    self.listener = listener
    port = Int(UInt16(bigEndian: address.sin_port))
  }

  struct ProxyError: Error {}

  /// Begins to accept.
  func start() { Self.thread { [self] in acceptAll() } }

  /// Breaks the next `connections` in this way.
  func set(_ fault: Fault, connections: Int = .max) {
    remaining.withLock { $0 = connections }
    current.withLock { $0 = fault }
  }

  /// How many connections came.
  var connections: Int { accepted.load(ordering: .acquiring) }
  /// How many connections are open now.
  var openConnections: Int { open.withLock { $0.count } }

  /// Closes the connections that are open, so that a client which keeps them must come anew.
  func closeConnections() {
    open.withLock { (descriptors) in
      for descriptor in descriptors { shutdown(descriptor, Int32(SHUT_RDWR)) }
    }
  }

  /// Ends the proxy and all its connections.
  func stop() {
    shutdown(listener, Int32(SHUT_RDWR))
    closeConnections()
  }

  private func acceptAll() {
    while true {
      let client = accept(listener, nil, nil)
      guard client >= 0 else { break }
      accepted.add(1, ordering: .releasing)
      let isHit = remaining.withLock { (left) in
        defer { if left > 0 && left < .max { left -= 1 } }
        return left > 0
      }
      let fault = isHit ? current.withLock { $0 } : .none
      Self.thread { [self] in serve(client, fault) }
    }
    close(listener)
  }

  private func serve(_ client: Int32, _ fault: Fault) {
    let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = Self.loopback(target)
    let isConnected = withUnsafePointer(to: &address) { (pointer) in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(server, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
    _ = open.withLock { $0.insert(client) }
    let shared = Shared()
    @Sendable func done() {
      guard shared.leave() else { return }
      open.withLock {
        $0.remove(client)
        close(client)
      }
      close(server)
    }
    guard isConnected else {
      _ = shared.leave()
      return done()
    }
    Self.thread {
      pump(client, server, fault, limit: fault.sendLimit)
      done()
    }
    pump(server, client, fault, limit: fault.answerLimit)
    done()
  }

  /// The two halves of a connection, of which the last one closes it.
  private final class Shared: Sendable {
    private let left = Atomic(2)
    func leave() -> Bool { left.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 }
  }

  private static func loopback(_ port: Int) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(UInt16(port).bigEndian)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return address
  }

  private static func thread(_ body: @escaping @Sendable () -> Void) {
    final class Box {
      let body: @Sendable () -> Void
      init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    var thread = pthread_t()
    pthread_create(
      &thread, nil,
      { (context) in
        guard let context else { return nil }
        Unmanaged<Box>.fromOpaque(context).takeRetainedValue().body()
        return nil
      }, Unmanaged.passRetained(Box(body)).toOpaque())
    pthread_detach(thread)
  }
}

/// Carries bytes one way until the end, or until the fault strikes.
private func pump(_ source: Int32, _ target: Int32, _ fault: Fault, limit: Int?) {
  var buffer = [UInt8](repeating: 0, count: 65_536)
  var passed = 0
  while true {
    let room = limit.map { max(min(buffer.count, $0 - passed), 0) } ?? buffer.count
    if room == 0 {
      strike(source, target, fault)
      return
    }
    let count = recv(source, &buffer, room, 0)
    if count <= 0 { break }
    if case .delay(let milliseconds) = fault { usleep(UInt32(milliseconds) * 1_000) }
    var written = 0
    while written < count {
      let step = buffer.withUnsafeBytes {
        send(target, $0.baseAddress.map { $0 + written }, count - written, Int32(MSG_NOSIGNAL))
      }
      if step <= 0 {
        shutdown(source, Int32(SHUT_RDWR))
        return
      }
      written += step
    }
    passed += count
  }
  shutdown(target, Int32(SHUT_WR))
}

private func strike(_ source: Int32, _ target: Int32, _ fault: Fault) {
  switch fault {
  case .stallAfterAnswering, .stallAfterSending:
    // Swallows the rest, until the other side gives up.
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while recv(source, &buffer, buffer.count, 0) > 0 {}
  case .resetAfterSending, .resetAfterAnswering:
    for descriptor in [source, target] {
      var linger = linger(l_onoff: 1, l_linger: 0)
      setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
      // Disconnecting resets at once, while another thread still waits on the socket.
      var address = sockaddr()
      address.sa_family = sa_family_t(AF_UNSPEC)
      connect(descriptor, &address, socklen_t(MemoryLayout<sockaddr>.size))
    }
  default: break
  }
  shutdown(source, Int32(SHUT_RDWR))
  shutdown(target, Int32(SHUT_RDWR))
}
