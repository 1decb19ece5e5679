import Glibc

/// TCP on loopback, as far as forwarding needs it.
enum Socket {
  static func make() -> Int32 { socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0) }

  /// Whether the socket now listens on the port.
  static func listen(_ descriptor: Int32, port: UInt16) -> Bool {
    var yes: Int32 = 1
    // A broker that is started anew finds its port in TIME_WAIT.
    unsafe setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    return unsafe withAddress(port) { address, size in unsafe bind(descriptor, address, size) } == 0
      && Glibc.listen(descriptor, 64) == 0
  }

  /// Whether the socket is now connected to the port.
  static func connect(_ descriptor: Int32, port: UInt16) -> Bool {
    unsafe withAddress(port) { address, size in unsafe Glibc.connect(descriptor, address, size) } == 0
  }

  /// Carries bytes until either side ends.
  static func copy(from source: Int32, to sink: Int32) {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = unsafe recv(source, &buffer, buffer.count, 0)
      if count < 0 && errno == EINTR { continue }
      guard count > 0, sendAll(buffer, count, to: sink) else { return }
    }
  }

  private static func sendAll(_ buffer: [UInt8], _ count: Int, to sink: Int32) -> Bool {
    var done = 0
    while done < count {
      let step = unsafe buffer.withUnsafeBytes {
        unsafe send(sink, $0.baseAddress! + done, count - done, Int32(MSG_NOSIGNAL))
      }
      if step < 0 && errno == EINTR { continue }
      guard step > 0 else { return false }
      done += step
    }
    return true
  }

  private static func withAddress(
    _ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) -> Int32 {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    return unsafe withUnsafePointer(to: &address) {
      unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
  }
}
