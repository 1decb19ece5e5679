/// One HTTP exchange to be made: a plain value, so that any transport can make it.
struct HTTPRequest: Sendable {
  enum Method: String, Sendable { case get = "GET", put = "PUT", post = "POST", delete = "DELETE" }

  var method: Method
  /// The whole URL, which may hold a token: never for messages.
  var url: String
  /// What is sent, if anything; without it a PUT or POST says Content-Length 0.
  var body: (any UploadSource)?
  /// What is sent instead of `body` where its length is not known beforehand.
  var stream: UploadPipe?
  /// Takes the bytes of a good answer as they come, which then do not stay in memory.
  var sink: (any DownloadSink)?
  /// Whether the caller's Kerberos ticket is shown (SPNEGO).
  var negotiates = false
  /// A `Cookie` header: the proof of an earlier negotiation, a secret.
  var cookie: String?
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

/// What goes over the second leg beside the words of the protocol.
enum TransferContent: Sendable {
  case none
  case source(any UploadSource)
  case stream(UploadPipe)
  case sink(CountingSink)

  /// Whether nothing has been used up.
  var canBeRepeated: Bool {
    switch self {
    case .none, .source: true
    case .stream(let pipe): !pipe.wasRead
    case .sink(let sink): sink.count == 0
    }
  }
}

/// An HTTP answer, whatever its status.
struct HTTPResponse: Sendable {
  var status: Int
  /// The `Location` header.
  var location: String?
  var body: [UInt8]
  /// The length that the server announced; `nil` when it did not.
  var announcedLength: Int64?
  /// The `hadoop.auth` cookie that the server sets, a secret; `nil` when it sets none.
  var cookie: String?
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
