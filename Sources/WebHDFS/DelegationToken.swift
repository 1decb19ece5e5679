/// A delegation token: a secret that stands for its user until it expires. It never shows itself in texts.
public struct DelegationToken: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  /// The token in the URL-safe text form that servers give and take.
  public let secret: String

  /// Wraps a token's text.
  public init(_ secret: String) { self.secret = secret }

  public var description: String { "a delegation token" }
  /// The same as ``description``: not even a debugger's print shows the secret.
  public var debugDescription: String { description }
  /// Empty, so that a dump does not show the secret.
  public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// Operations on delegation tokens.
extension WebHDFSClient {
  /// Asks for a token that stands for this user. GETDELEGATIONTOKEN, since Hadoop 0.20.205.
  ///
  /// - Parameters:
  ///   - renewer: Who may renew the token.
  ///   - service: The service for which it is meant, as some gateways want it.
  ///   - kind: The kind of token, as some gateways want it.
  /// - Throws: ``WebHDFSError`` of kind `unsupported` where the cluster runs without security and has no tokens.
  public func delegationToken(
    renewer: String? = nil, service: String? = nil, kind: String? = nil
  ) async throws(WebHDFSError) -> DelegationToken {
    struct Token: Decodable { var urlString: String }
    var parameters: [Parameter] = []
    if let renewer { parameters.append(("renewer", renewer)) }
    if let service { parameters.append(("service", service)) }
    if let kind { parameters.append(("kind", kind)) }
    let token = try await answer(.getDelegationToken, "/", parameters) { Answer.value(Token?.self, "Token", $0) }
    guard let token else {
      throw WebHDFSError(
        .unsupported, operation: Operation.getDelegationToken.rawValue, path: "/",
        message: "the cluster gives no tokens, because its security is off")
    }
    return DelegationToken(token.urlString)
  }

  /// Lets a token live longer. RENEWDELEGATIONTOKEN, since Hadoop 0.20.205.
  ///
  /// - Returns: When it expires now, in milliseconds since 1970-01-01 UTC.
  public func renew(_ token: DelegationToken) async throws(WebHDFSError) -> Int64 {
    try await answer(.renewDelegationToken, "/", [("token", token.secret)]) { Answer.value(Int64.self, "long", $0) }
  }

  /// Ends a token. CANCELDELEGATIONTOKEN, since Hadoop 0.20.205.
  public func cancel(_ token: DelegationToken) async throws(WebHDFSError) {
    try await order(.cancelDelegationToken, "/", [("token", token.secret)])
  }
}
