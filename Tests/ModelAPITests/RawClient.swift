import Glibc

/// A connection to a server on this machine, to which a test sends what no client of good manners would.
final class RawClient {
  private let socket: Int32
  /// What came behind the last answer.
  private var rest: [UInt8] = []

  /// Connects; reading gives up after `patience` seconds.
  init?(port: Int, patience: Int = 20) {
    socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var time = timeval(tv_sec: patience, tv_usec: 0)
    setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let isConnected = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
    guard socket >= 0, isConnected else { return nil }
  }

  deinit { close(socket) }

  /// Sends bytes; whether the other side took them.
  @discardableResult
  func send(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    return bytes.withUnsafeBytes { Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) } == bytes.count
  }

  /// Sends a text over and over until nothing of it has been taken for a second, or the limit is reached; how many
  /// bytes were taken.
  func sendUntilFull(_ text: String, limit: Int) -> Int {
    let bytes = Array(text.utf8)
    var (sent, tries) = (0, 0)
    while tries < 100, sent < limit {
      let part = bytes[(sent % bytes.count)...]
      let count = part.withUnsafeBytes {
        Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
      }
      if count > 0 {
        (sent, tries) = (sent + count, 0)
      } else {
        tries += 1
        usleep(10_000)
      }
    }
    return sent
  }

  /// Reads until a text, of which no part is its beginning, came so often, or to the end; how often it came.
  func count(_ text: String, upTo limit: Int) -> Int {
    let wanted = Array(text.utf8)
    var buffer = [UInt8](repeating: 0, count: 65_536)
    var (found, matched) = (0, 0)
    while true {
      let read = recv(socket, &buffer, buffer.count, 0)
      guard read > 0 else { return found }
      for byte in buffer[..<read] {
        matched = byte == wanted[matched] ? matched + 1 : byte == wanted[0] ? 1 : 0
        if matched == wanted.count { (found, matched) = (found + 1, 0) }
      }
      if found >= limit { return found }
    }
  }

  /// Says that nothing more is sent, and goes on reading.
  func endSending() { shutdown(socket, Int32(SHUT_WR)) }

  /// Whether the server closes the connection before anything more comes.
  func isClosedByServer() -> Bool {
    var byte: UInt8 = 0
    return recv(socket, &byte, 1, 0) == 0
  }

  /// Sends a request on the open connection and reads its answer.
  func post(_ path: String, _ body: String) -> (status: Int, head: String, body: String)? {
    let head =
      "POST \(path) HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)"
    guard send("\(head)\r\n\r\n\(body)") else { return nil }
    return answer()
  }

  /// The next answer; `nil` where none comes.
  func answer() -> (status: Int, head: String, body: String)? {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let text = String(decoding: rest, as: UTF8.self)
      if let end = text.firstRange(of: "\r\n\r\n") {
        let head = String(text[..<end.lowerBound])
        let length = head.lowercased().split(separator: "\r\n").first { $0.hasPrefix("content-length:") }
          .flatMap { Int($0.dropFirst(15).drop { $0 == " " }) }
        let words = head.split(separator: " ")
        guard let length, words.count > 1, let status = Int(words[1]) else { return nil }
        let body = Array(text[end.upperBound...].utf8)
        if body.count >= length {
          rest = Array(body[length...])
          return (status, head, String(decoding: body[..<length], as: UTF8.self))
        }
      }
      let count = recv(socket, &buffer, buffer.count, 0)
      guard count > 0 else { return nil }
      rest += buffer[..<count]
    }
  }
}
