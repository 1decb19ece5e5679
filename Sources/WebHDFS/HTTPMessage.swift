/// One HTTP exchange to be made: a plain value, so that any transport can make it.
struct HTTPRequest: Sendable {
  enum Method: String, Sendable { case get = "GET", put = "PUT", post = "POST", delete = "DELETE" }

  var method: Method
  /// The whole URL, which may hold a token: never for messages.
  var url: String
  /// What is sent, if anything; without it a PUT or POST says Content-Length 0.
  var body: (any UploadSource)?
  /// Whether a connection kept open from earlier may carry the request and may be kept afterwards.
  var reusesConnection = true
  /// Whether the body may be large, so that large buffers pay.
  var isTransfer = false
  var connectTimeout: Duration
  var stallTimeout: Duration
  var totalTimeout: Duration
  /// The longest accepted answer in bytes.
  var answerByteLimit: Int
}

/// An HTTP answer, whatever its status.
struct HTTPResponse: Sendable {
  var status: Int
  /// The `Location` header.
  var location: String?
  var body: [UInt8]
  /// The length that the server announced; `nil` when it did not.
  var announcedLength: Int64?
}

/// Why an exchange brought no answer.
struct TransportError: Error, Hashable, Sendable {
  enum Kind: Hashable, Sendable { case notConnected, timedOut, lost, tls, tooLarge, cancelled, misuse }

  var kind: Kind
  /// One line from the library that failed.
  var message: String
}

/// Makes HTTP exchanges. Cancelling the calling task ends the exchange.
protocol HTTPTransport: Sendable {
  func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse
}
