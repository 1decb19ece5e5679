import CCurl

/// What all requests of a transport have in common.
struct CurlSettings: Sendable {
  var caFile: String?
  var clientCertificateFile: String?
  var clientKeyFile: String?
  var proxy: String?
  /// Entries of libcurl's CONNECT_TO form, `host:port:address:port`.
  var connectTo: [String] = []
}

/// Writes a request into a libcurl handle.
struct CurlOptions {
  let handle: UnsafeMutableRawPointer
  let transfer: CurlTransfer
  private var isGood = true

  /// - Returns: Whether libcurl took every option.
  static func apply(to handle: UnsafeMutableRawPointer, _ transfer: CurlTransfer, _ settings: CurlSettings) -> Bool {
    var options = CurlOptions(handle: handle, transfer: transfer)
    options.applyRequest()
    options.applyLimits()
    options.applyCallbacks()
    options.applySettings(settings)
    return options.isGood
  }

  private init(handle: UnsafeMutableRawPointer, transfer: CurlTransfer) {
    self.handle = handle
    self.transfer = transfer
  }

  private mutating func set(_ option: CURLoption, _ value: Int) {
    if vl_curl_set_long(handle, option, value) != CURLE_OK { isGood = false }
  }

  private mutating func set(_ option: CURLoption, _ value: String) {
    if vl_curl_set_string(handle, option, value) != CURLE_OK { isGood = false }
  }

  private mutating func set(_ option: CURLoption, list values: [String]) {
    var list: UnsafeMutablePointer<curl_slist>?
    for value in values { list = curl_slist_append(list, value) ?? list }
    guard let list else { return }
    // libcurl does not copy lists: they live as long as the transfer.
    transfer.lists.append(list)
    if vl_curl_set_list(handle, option, list) != CURLE_OK { isGood = false }
  }

  private mutating func applyRequest() {
    let request = transfer.request
    set(CURLOPT_URL, request.url)
    set(CURLOPT_PATH_AS_IS, 1)
    set(CURLOPT_PROTOCOLS_STR, "http,https")
    set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
    set(CURLOPT_FOLLOWLOCATION, 0)
    // Expect: a DataNode answers 100 before any check, and a NameNode swallows the body after it.
    var headers = ["Expect:", "Accept: */*"]
    switch request.method {
    case .get: set(CURLOPT_HTTPGET, 1)
    case .delete: set(CURLOPT_CUSTOMREQUEST, "DELETE")
    case .put, .post:
      set(CURLOPT_UPLOAD, 1)
      set(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
      // -1 is "unknown": the body goes in chunks.
      let length = request.stream == nil ? request.body?.byteCount ?? 0 : -1
      if vl_curl_set_offset(handle, CURLOPT_INFILESIZE_LARGE, curl_off_t(length)) != CURLE_OK { isGood = false }
      // HttpFS takes a body of no other type.
      if request.body != nil || request.stream != nil { headers.append("Content-Type: application/octet-stream") }
    }
    if let cookie = request.cookie { headers.append("Cookie: \(cookie)") }
    if request.negotiates {
      set(CURLOPT_HTTPAUTH, vl_curl_auth_negotiate)
      // libcurl negotiates only for a user; an empty one means the owner of the ticket.
      set(CURLOPT_USERPWD, ":")
    }
    set(CURLOPT_HTTPHEADER, list: headers)
    if !request.reusesConnection {
      set(CURLOPT_FRESH_CONNECT, 1)
      set(CURLOPT_FORBID_REUSE, 1)
    }
    if request.isTransfer {
      set(CURLOPT_BUFFERSIZE, 512 << 10)
      set(CURLOPT_UPLOAD_BUFFERSIZE, 512 << 10)
    }
  }

  private mutating func applyLimits() {
    let request = transfer.request
    set(CURLOPT_NOSIGNAL, 1)
    set(CURLOPT_CONNECTTIMEOUT_MS, request.connectTimeout.wholeMilliseconds)
    set(CURLOPT_TIMEOUT_MS, request.totalTimeout.wholeMilliseconds)
    set(CURLOPT_LOW_SPEED_LIMIT, 1)
    set(CURLOPT_LOW_SPEED_TIME, max(1, request.stallTimeout.wholeMilliseconds / 1_000))
  }

  private mutating func applyCallbacks() {
    let context = Unmanaged.passUnretained(transfer).toOpaque()
    func take(_ option: CURLoption, _ pointer: UnsafeMutableRawPointer) {
      if vl_curl_set_pointer(handle, option, pointer) != CURLE_OK { isGood = false }
    }
    take(CURLOPT_PRIVATE, context)
    take(CURLOPT_WRITEDATA, context)
    take(CURLOPT_READDATA, context)
    take(CURLOPT_HEADERDATA, context)
    take(CURLOPT_ERRORBUFFER, UnsafeMutableRawPointer(transfer.errorText))
    let functions: [(CURLoption, vl_curl_data_function)] = [
      (CURLOPT_WRITEFUNCTION, receiveBody), (CURLOPT_READFUNCTION, provideBody),
      (CURLOPT_HEADERFUNCTION, receiveHeader),
    ]
    for (option, function) in functions where vl_curl_set_data_function(handle, option, function) != CURLE_OK {
      isGood = false
    }
  }

  private mutating func applySettings(_ settings: CurlSettings) {
    // An empty proxy also switches off the proxy variables of the environment.
    set(CURLOPT_PROXY, settings.proxy ?? "")
    if let file = settings.caFile { set(CURLOPT_CAINFO, file) }
    if let file = settings.clientCertificateFile { set(CURLOPT_SSLCERT, file) }
    if let file = settings.clientKeyFile { set(CURLOPT_SSLKEY, file) }
    if !settings.connectTo.isEmpty { set(CURLOPT_CONNECT_TO, list: settings.connectTo) }
  }
}

// The loop keeps every running transfer alive, so an unretained reference is enough.
private func transfer(_ context: UnsafeMutableRawPointer?) -> CurlTransfer? {
  context.map { Unmanaged<CurlTransfer>.fromOpaque($0).takeUnretainedValue() }
}

private let receiveBody: vl_curl_data_function = { (bytes, size, count, context) in
  let total = size * count
  return transfer(context)?.receiveBody(UnsafeRawBufferPointer(start: bytes, count: total)) == true ? total : 0
}

private let receiveHeader: vl_curl_data_function = { (bytes, size, count, context) in
  transfer(context)?.receiveHeader(UnsafeRawBufferPointer(start: bytes, count: size * count))
  return size * count
}

private let provideBody: vl_curl_data_function = { (buffer, size, count, context) in
  transfer(context)?.provideBody(UnsafeMutableRawBufferPointer(start: buffer, count: size * count))
    ?? Int(CURL_READFUNC_ABORT)
}

extension Duration {
  /// Milliseconds, at least 1 for anything above zero, so that a short limit never means "no limit".
  var wholeMilliseconds: Int {
    let (seconds, attoseconds) = components
    let limit: Int64 = 1 << 40
    let milliseconds = min(max(seconds, 0), limit) * 1_000 + attoseconds / 1_000_000_000_000_000
    return Int(self > .zero ? max(1, milliseconds) : 0)
  }
}
