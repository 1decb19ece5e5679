internal import CCurl

/// One request through libcurl, from its first byte to its last, on the caller's thread.
package struct EasyRequest: Sendable {
  /// How it ended.
  package enum Outcome: Sendable {
    /// The server answered.
    case answer(status: Int, body: [UInt8])
    /// It did not, or not in time; says why in a line.
    case failure(String)
  }

  /// Between whom a mail goes.
  package struct Envelope: Sendable {
    /// The address of who sends.
    package var from: String
    /// The addresses of who gets it.
    package var to: [String]

    /// Names both sides.
    package init(from: String, to: [String]) {
      self.from = from
      self.to = to
    }
  }

  /// Where it goes: `http`, `https`, and `smtp` or `smtps` for a mail.
  package var url: String
  /// What is posted; `nil` to get. The whole text of a mail.
  package var body: [UInt8]?
  /// Set for a mail.
  package var envelope: Envelope?
  /// Lines as `Name: value`.
  package var headers: [String] = []
  /// Who asks, where the server wants to know.
  package var user: String?
  /// The user's password.
  package var password: String?
  /// A file of certificates that the server's one must follow from.
  package var caFile: String?
  /// How long all of it may take.
  package var timeout: Duration
  /// The most bytes of an answer.
  package var answerLimit: Int

  /// Describes a request.
  package init(url: String, body: [UInt8]? = nil, timeout: Duration, answerLimit: Int) {
    self.url = url
    self.body = body
    self.timeout = timeout
    self.answerLimit = answerLimit
  }

  /// What libcurl's callback writes to.
  private final class Answer {
    var bytes: [UInt8] = []
    let limit: Int

    init(limit: Int) { self.limit = limit }
  }

  /// What libcurl's callback takes a mail from.
  private final class Outbox {
    var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { rest = bytes[...] }
  }

  private static let isReady = curl_global_init(vl_curl_global_all) == CURLE_OK

  /// Carries it out.
  package func perform() -> Outcome {
    guard Self.isReady, let handle = curl_easy_init() else { return .failure("libcurl cannot start") }
    defer { curl_easy_cleanup(handle) }
    var lines: UnsafeMutablePointer<curl_slist>?
    for header in headers { lines = curl_slist_append(lines, header) }
    defer { curl_slist_free_all(lines) }
    let answer = Answer(limit: answerLimit)
    let setUp = [
      vl_curl_set_string(handle, CURLOPT_URL, url),
      vl_curl_set_string(handle, CURLOPT_PROTOCOLS_STR, envelope == nil ? "http,https" : "smtp,smtps"),
      vl_curl_set_list(handle, CURLOPT_HTTPHEADER, lines),
      vl_curl_set_long(handle, CURLOPT_NOSIGNAL, 1),
      vl_curl_set_long(handle, CURLOPT_FOLLOWLOCATION, 0),
      // A proxy of the environment is meant for other hosts.
      vl_curl_set_string(handle, CURLOPT_PROXY, ""),
      vl_curl_set_long(handle, CURLOPT_TIMEOUT_MS, max(1, Int(timeout / .milliseconds(1)))),
      vl_curl_set_pointer(handle, CURLOPT_WRITEDATA, Unmanaged.passUnretained(answer).toOpaque()),
      vl_curl_set_data_function(handle, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
        guard let bytes, let context else { return 0 }
        let answer = Unmanaged<Answer>.fromOpaque(context).takeUnretainedValue()
        guard size * count <= answer.limit - answer.bytes.count else { return 0 }
        answer.bytes.append(contentsOf: UnsafeRawBufferPointer(start: bytes, count: size * count))
        return size * count
      },
    ]
    guard setUp.allSatisfy({ $0 == CURLE_OK }), applyAccess(handle) else {
      return .failure("libcurl refuses the settings")
    }
    return withExtendedLifetime(answer) {
      if let envelope { return send(envelope, handle, answer) }
      return send(handle, answer)
    }
  }

  private func applyAccess(_ handle: UnsafeMutableRawPointer) -> Bool {
    var codes: [CURLcode] = []
    if let user { codes.append(vl_curl_set_string(handle, CURLOPT_USERNAME, user)) }
    if let password { codes.append(vl_curl_set_string(handle, CURLOPT_PASSWORD, password)) }
    if let caFile { codes.append(vl_curl_set_string(handle, CURLOPT_CAINFO, caFile)) }
    return codes.allSatisfy { $0 == CURLE_OK }
  }

  private func send(_ handle: UnsafeMutableRawPointer, _ answer: Answer) -> Outcome {
    let code = (body ?? []).withUnsafeBytes { bytes in
      if body != nil {
        // The bytes stay where they are until the request is over.
        _ = vl_curl_set_long(handle, CURLOPT_POST, 1)
        _ = vl_curl_set_offset(handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(bytes.count))
        _ = vl_curl_set_pointer(handle, CURLOPT_POSTFIELDS, UnsafeMutableRawPointer(mutating: bytes.baseAddress))
      }
      return curl_easy_perform(handle)
    }
    return outcome(code, handle, answer)
  }

  private func send(_ envelope: Envelope, _ handle: UnsafeMutableRawPointer, _ answer: Answer) -> Outcome {
    var recipients: UnsafeMutablePointer<curl_slist>?
    for address in envelope.to { recipients = curl_slist_append(recipients, address) }
    defer { curl_slist_free_all(recipients) }
    let outbox = Outbox(body ?? [])
    let setUp = [
      vl_curl_set_string(handle, CURLOPT_MAIL_FROM, envelope.from),
      vl_curl_set_list(handle, CURLOPT_MAIL_RCPT, recipients),
      vl_curl_set_long(handle, CURLOPT_UPLOAD, 1),
      vl_curl_set_pointer(handle, CURLOPT_READDATA, Unmanaged.passUnretained(outbox).toOpaque()),
      vl_curl_set_data_function(handle, CURLOPT_READFUNCTION) { bytes, size, count, context in
        guard let bytes, let context else { return 0 }
        let outbox = Unmanaged<Outbox>.fromOpaque(context).takeUnretainedValue()
        let part = outbox.rest.prefix(size * count)
        UnsafeMutableRawBufferPointer(start: bytes, count: part.count).copyBytes(from: part)
        outbox.rest = outbox.rest.dropFirst(part.count)
        return part.count
      },
    ]
    guard setUp.allSatisfy({ $0 == CURLE_OK }) else { return .failure("libcurl refuses the settings") }
    return withExtendedLifetime(outbox) { outcome(curl_easy_perform(handle), handle, answer) }
  }

  private func outcome(_ code: CURLcode, _ handle: UnsafeMutableRawPointer, _ answer: Answer) -> Outcome {
    guard code == CURLE_OK else {
      if code == CURLE_WRITE_ERROR { return .failure("the answer is longer than \(answerLimit) bytes") }
      return .failure(String(cString: curl_easy_strerror(code)))
    }
    var status = 0
    _ = vl_curl_get_long(handle, CURLINFO_RESPONSE_CODE, &status)
    return .answer(status: status, body: answer.bytes)
  }
}
