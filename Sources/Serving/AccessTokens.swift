internal import Crypto
internal import FoundationEssentials

/// The bearer tokens that a server takes; kept as digests only.
public struct AccessTokens: Sendable {
  private let digests: [SHA256.Digest]

  /// Reads tokens, one a line; empty lines and those that begin with # are left aside.
  ///
  /// - Throws: ``ServingError`` where there is none, or one is shorter than 16 characters.
  public init(lines text: String) throws(ServingError) {
    let tokens = text.split(whereSeparator: \.isNewline).map { $0.drop { $0 == " " } }
      .filter { !$0.isEmpty && !$0.hasPrefix("#") }
    guard !tokens.isEmpty else { throw ServingError("there is no token: write one a line") }
    guard tokens.allSatisfy({ $0.utf8.count >= 16 }) else {
      throw ServingError("a token is shorter than 16 characters: make one with openssl rand -hex 32")
    }
    digests = tokens.map { SHA256.hash(data: Array($0.utf8)) }
  }

  /// Whether a header's value bears one of them; takes the same time for every wrong one.
  package func allow(_ authorization: String?) -> Bool { bearer(authorization) != nil }

  /// Who a header's value shows the bearer to be, as ``holder(of:)`` tells.
  package func bearer(_ authorization: String?) -> String? {
    guard let authorization, authorization.utf8.count > 7, authorization.prefix(7).lowercased() == "bearer " else {
      return nil
    }
    return holder(of: authorization.utf8.dropFirst(7))
  }

  /// A name for who has a token: the beginning of its digest, from which the token cannot be found; `nil` for one that
  /// is not known. Takes the same time for every wrong one.
  package func holder(of token: some Sequence<UInt8>) -> String? {
    let digest = SHA256.hash(data: Array(token))
    var isKnown = false
    for known in digests { isKnown = (known == digest) || isKnown }
    guard isKnown else { return nil }
    return digest.prefix(4).map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
  }
}
