/// How to reach an HDFS over WebHDFS, and as whom.
public struct WebHDFSConfiguration: Sendable {
  /// The NameNodes, or gateways that speak the same protocol; several for failover.
  public var nameNodes: [Endpoint]
  /// Whether TLS is spoken, on both legs.
  public var isSecure = false
  /// The user (`user.name`); `nil` lets the server decide.
  public var user: String?
  /// The user on whose behalf the user above acts (`doas`).
  public var doAs: String?
  /// How the user is proved to a NameNode.
  public var authentication = Authentication.simple
  /// A file that holds a delegation token, read before every request so that it can be renewed in place.
  public var tokenFile: String?
  /// A file of certificate authorities in PEM form, instead of the system's.
  public var caFile: String?
  /// The client's certificate and key in PEM form.
  public var clientCertificateFile: String?
  /// The client's key in PEM form.
  public var clientKeyFile: String?
  /// Where to connect for a DataNode's name, `host` or `host:port` on both sides: for DataNodes that announce names
  /// this machine cannot resolve. The request itself keeps the DataNode's name.
  public var hostMap: [String: String] = [:]
  /// The hosts that a NameNode may send the client to: names, or `*.example.org`; `nil` for any. A redirect from TLS
  /// to plain HTTP, or back, is refused in any case.
  public var allowedRedirectHosts: [String]?
  /// The longest wait for a TCP and TLS connection.
  public var connectTimeout: Duration = .seconds(5)
  /// The longest time without a single byte in either direction.
  public var stallTimeout: Duration = .seconds(30)
  /// The longest time for one answer of a NameNode.
  public var requestTimeout: Duration = .seconds(60)
  /// The longest time for the transfer of one file or range.
  public var totalTimeout: Duration = .seconds(3_600)
  /// When and how often requests are sent again.
  public var retry = RetryPolicy()
  /// How many files are sent at a time; `nil` for as many as callers like. What comes before and after the sending,
  /// which costs a server little, is not counted, and while others wait to be sent, what was sent is checked in bursts:
  /// eight times as many uploads under way keep the senders busy.
  public var parallelUploads: Int?
  /// The longest answer of a NameNode in bytes; a listing takes about 240 bytes an entry.
  public var answerByteLimit = 256 << 20
  /// The proxy to use for all requests; `nil` for none. Proxy variables of the environment are never read.
  public var proxy: String?

  /// How a user is proved.
  public enum Authentication: String, Hashable, Sendable, CaseIterable {
    /// The server believes `user.name`.
    case simple
    /// By the Kerberos ticket in the environment (SPNEGO), which `kinit` fetches; `user` is not sent. A token in
    /// `tokenFile` goes first.
    case kerberos
  }

  /// Reaches the given NameNodes as the given user.
  public init(nameNodes: [Endpoint], user: String? = nil) {
    self.nameNodes = nameNodes
    self.user = user
  }

  /// Reaches the NameNodes of a location; its user wins over `user`.
  public init(location: WebHDFSLocation, user: String? = nil) {
    self.init(nameNodes: location.nameNodes, user: location.user ?? user)
    isSecure = location.isSecure
  }
}
