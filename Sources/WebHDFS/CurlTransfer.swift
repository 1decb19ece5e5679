import CCurl
import Storage
import Synchronization

/// Says that the caller of a transfer was cancelled, maybe before the transfer reached the loop.
final class CancellationFlag: Sendable {
  let isSet = Atomic(false)
}

/// One exchange inside libcurl: the request, and what has come back so far.
///
/// `@unchecked Sendable`: made by the caller, then touched by the event loop's thread alone; the continuation is
/// resumed exactly once, by ``finish(_:)``.
final class CurlTransfer: @unchecked Sendable {
  typealias Outcome = Result<HTTPResponse, TransportError>

  let id: UInt64
  let flag: CancellationFlag
  let request: HTTPRequest
  private var continuation: CheckedContinuation<Outcome, Never>?

  // Touched only on the loop's thread.
  var handle: UnsafeMutableRawPointer?
  var lists: [UnsafeMutablePointer<curl_slist>] = []
  private var sent: Int64 = 0
  private var location: String?
  private var cookie: String?
  private var body: [UInt8] = []
  private var announcedLength: Int64?
  private var isTooLarge = false
  private var isUnreadable = false
  private var isUnwritable = false
  private let errorBuffer = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))

  init(
    id: UInt64, _ flag: CancellationFlag, _ request: HTTPRequest,
    _ continuation: CheckedContinuation<Outcome, Never>
  ) {
    self.id = id
    self.flag = flag
    self.request = request
    self.continuation = continuation
    errorBuffer.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
  }

  deinit { errorBuffer.deallocate() }

  /// Answers the caller; later calls do nothing.
  func finish(_ outcome: Outcome) {
    continuation?.resume(returning: outcome)
    continuation = nil
  }

  /// The outcome for libcurl's verdict on the whole exchange.
  func outcome(_ code: CURLcode) -> Outcome {
    if isTooLarge {
      return failure(.tooLarge, "the answer is longer than \(request.answerByteLimit) bytes")
    }
    if isUnreadable { return failure(.misuse, "the content to send cannot be read") }
    if isUnwritable { return failure(.misuse, "the content that came cannot be stored") }
    var status = 0
    if let handle { _ = vl_curl_get_long(handle, CURLINFO_RESPONSE_CODE, &status) }
    // A server may refuse an upload and close: its answer counts for more than the broken pipe.
    if code == CURLE_OK || (code == CURLE_SEND_ERROR && status >= 400) {
      let body = self.body
      self.body = []
      return .success(
        HTTPResponse(
          status: status, location: location, body: body, announcedLength: announcedLength, cookie: cookie))
    }
    return failure(kind(code), message(code))
  }

  private func failure(_ kind: TransportError.Kind, _ message: String) -> Outcome {
    .failure(TransportError(kind: kind, message: message))
  }

  private func kind(_ code: CURLcode) -> TransportError.Kind {
    switch code {
    case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_CONNECT: return .notConnected
    case CURLE_OPERATION_TIMEDOUT:
      var connected: curl_off_t = 0
      if let handle { _ = vl_curl_get_offset(handle, CURLINFO_PRETRANSFER_TIME_T, &connected) }
      return connected == 0 ? .notConnected : .timedOut
    case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CACERT_BADFILE,
      CURLE_SSL_CIPHER, CURLE_SSL_ISSUER_ERROR, CURLE_USE_SSL_FAILED:
      return .tls
    case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL, CURLE_BAD_FUNCTION_ARGUMENT, CURLE_OUT_OF_MEMORY,
      CURLE_FAILED_INIT, CURLE_NOT_BUILT_IN, CURLE_UNKNOWN_OPTION:
      return .misuse
    default: return .lost
    }
  }

  /// libcurl's words; they name hosts and ports, never the URL's query.
  private func message(_ code: CURLcode) -> String {
    let detail = String(cString: errorBuffer)
    return detail.isEmpty ? String(cString: curl_easy_strerror(code)) : detail
  }

  // MARK: - Called by libcurl

  func receiveHeader(_ line: UnsafeRawBufferPointer) {
    guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon <= 16 else { return }
    let name = String(decoding: line[..<colon], as: UTF8.self).lowercased()
    guard name == "location" || name == "content-length" || name == "set-cookie" else { return }
    let value = String(decoding: line[(colon + 1)...], as: UTF8.self)
      .split(whereSeparator: { $0 == " " || $0 == "\r\n" || $0 == "\r" || $0 == "\n" || $0 == "\t" })
      .joined(separator: " ")
    switch name {
    case "location": location = value
    case "content-length": announcedLength = Int64(value)
    default:
      // hadoop.auth="u=ann&…"; Path=/; HttpOnly
      let pair = value.prefix { $0 != ";" }
      if pair.hasPrefix("hadoop.auth="), pair.utf8.count <= 8_192 { cookie = String(pair) }
    }
  }

  func receiveBody(_ bytes: UnsafeRawBufferPointer) -> Bool {
    if let sink = request.sink, isGoodAnswer() {
      isUnwritable = !sink.take(bytes)
      return !isUnwritable
    }
    guard bytes.count <= request.answerByteLimit - body.count else {
      isTooLarge = true
      return false
    }
    if body.isEmpty, let announcedLength, announcedLength > 0 {
      // At most 64 MiB on the server's word alone; more as it arrives.
      body.reserveCapacity(Int(min(announcedLength, Int64(min(request.answerByteLimit, 64 << 20)))))
    }
    body.append(contentsOf: bytes)
    return true
  }

  /// Whether the answer is content and no explanation of a failure.
  private func isGoodAnswer() -> Bool {
    var status = 0
    if let handle { _ = vl_curl_get_long(handle, CURLINFO_RESPONSE_CODE, &status) }
    return (200...206).contains(status)
  }

  /// Fills a buffer with the next bytes to send; `nil` when the source fails.
  func provideBody(_ buffer: UnsafeMutableRawBufferPointer) -> Int? {
    if let stream = request.stream {
      switch stream.take(into: buffer) {
      case .bytes(let count): return count
      case .later: return Int(CURL_READFUNC_PAUSE)
      case .failed:
        isUnreadable = true
        return nil
      }
    }
    guard let source = request.body, sent < source.byteCount else { return 0 }
    var room = buffer
    if FaultPoint.isArmed {
      // In two parts, so that there is a middle.
      if sent == 0 {
        room = UnsafeMutableRawBufferPointer(rebasing: buffer.prefix(max(1, Int(source.byteCount / 2))))
      } else {
        FaultPoint.reach("hdfs.body")
      }
    }
    let count = source.copyBytes(from: sent, into: room)
    guard count > 0 else {
      isUnreadable = true
      return nil
    }
    sent += Int64(count)
    return count
  }

  /// Where libcurl writes its message.
  var errorText: UnsafeMutablePointer<CChar> { errorBuffer }
}
