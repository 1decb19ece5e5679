public import ArgumentParser

/// The flags of a server that may answer over TLS.
public struct TLSOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Answer over TLS with this certificate, in PEM, those behind it that vouch for it. A renewed file is taken over "
        + "within seconds. (TLS_CERTIFICATE_FILE)",
      valueName: "file"))
  var tlsCertificate: String?

  @Option(
    help: ArgumentHelp(
      "The certificate's private key, in PEM, without a pass phrase. (TLS_KEY_FILE)", valueName: "file"))
  var tlsKey: String?

  /// Takes what the flags say.
  public init() {}

  /// Certificate and key; `nil` for HTTP in the clear.
  ///
  /// - Throws: ``CommandError`` with ``ExitStatus/usage`` where only one of them is named.
  public func files(_ settings: Settings) throws(CommandError) -> (certificate: String, key: String)? {
    let certificate = settings.string(flag: tlsCertificate, "TLS_CERTIFICATE_FILE")
    let key = settings.string(flag: tlsKey, "TLS_KEY_FILE")
    guard certificate != nil || key != nil else { return nil }
    guard let certificate, let key else {
      throw CommandError("TLS needs both --tls-certificate and --tls-key", exit: .usage)
    }
    return (certificate, key)
  }
}
