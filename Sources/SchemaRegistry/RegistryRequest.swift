import CCurl

/// One request over HTTP, from its first byte to its last, on the caller's thread.
struct RegistryRequest {
  enum Outcome {
    case answer(status: Int, body: [UInt8])
    case failure(String)
  }

  var url: String
  /// What is posted; `nil` to get.
  var body: [UInt8]?
  var user: String?
  var password: String?
  var caFile: String?
  var timeout: Duration
  var answerLimit: Int

  /// What libcurl's callback writes to.
  private final class Answer {
    var bytes: [UInt8] = []
    let limit: Int

    init(limit: Int) { self.limit = limit }
  }

  private static let isReady = curl_global_init(vl_curl_global_all) == CURLE_OK
  private static let mediaType = "application/vnd.schemaregistry.v1+json"

  func perform() -> Outcome {
    guard Self.isReady, let handle = curl_easy_init() else { return .failure("libcurl cannot start") }
    defer { curl_easy_cleanup(handle) }
    var headers = curl_slist_append(nil, "Accept: \(Self.mediaType), application/json")
    headers = curl_slist_append(headers, "Content-Type: \(Self.mediaType)")
    defer { curl_slist_free_all(headers) }
    let answer = Answer(limit: answerLimit)
    let setUp = [
      vl_curl_set_string(handle, CURLOPT_URL, url),
      vl_curl_set_string(handle, CURLOPT_PROTOCOLS_STR, "http,https"),
      vl_curl_set_list(handle, CURLOPT_HTTPHEADER, headers),
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
    return withExtendedLifetime(answer) { send(handle, answer) }
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
    guard code == CURLE_OK else {
      if code == CURLE_WRITE_ERROR { return .failure("the answer is longer than \(answerLimit) bytes") }
      return .failure(String(cString: curl_easy_strerror(code)))
    }
    var status = 0
    _ = vl_curl_get_long(handle, CURLINFO_RESPONSE_CODE, &status)
    return .answer(status: status, body: answer.bytes)
  }
}
