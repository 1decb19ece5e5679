internal import Logging
internal import NIOCore
internal import NIOSSL
internal import ServiceLifecycle
internal import Synchronization

/// The files, in PEM, of a certificate with which a server answers over TLS 1.2 or 1.3, and of its key.
public struct CertificateFiles: Hashable, Sendable {
  /// The certificate, and behind it those that vouch for it.
  public var certificate: String
  /// The private key, without a pass phrase.
  public var key: String

  /// Names both.
  public init(certificate: String, key: String) {
    self.certificate = certificate
    self.key = key
  }
}

/// The certificate that new connections get: what the files hold, also after they have been renewed.
final class ServerCertificate: Sendable {
  private struct State {
    var context: NIOSSLContext
    var seen: [FileIdentity?]
  }

  private let files: CertificateFiles
  private let state: Mutex<State>

  /// Reads the files.
  ///
  /// - Throws: ``ServingError`` that names the file which cannot be taken.
  init(_ files: CertificateFiles) throws(ServingError) {
    self.files = files
    let seen = Self.identities(files)
    state = Mutex(State(context: try Self.read(files), seen: seen))
  }

  /// What the next connection is met with.
  var context: NIOSSLContext { state.withLock { $0.context } }

  /// Reads the files again where they have changed.
  ///
  /// - Returns: Whether there is another certificate now.
  /// - Throws: ``ServingError`` where they cannot be taken: the certificate before stays, and they are not tried again
  ///   before they change once more.
  func renew() throws(ServingError) -> Bool {
    let seen = Self.identities(files)
    guard state.withLock({ $0.seen != seen }) else { return false }
    state.withLock { $0.seen = seen }
    let context = try Self.read(files)
    state.withLock { $0.context = context }
    return true
  }

  private static func identities(_ files: CertificateFiles) -> [FileIdentity?] {
    [FileIdentity(files.certificate), FileIdentity(files.key)]
  }

  private static func read(_ files: CertificateFiles) throws(ServingError) -> NIOSSLContext {
    let chain: [NIOSSLCertificate]
    do { chain = try NIOSSLCertificate.fromPEMFile(files.certificate) } catch {
      throw ServingError("\(files.certificate): no certificate in PEM can be read from it")
    }
    guard !chain.isEmpty else { throw ServingError("\(files.certificate): it holds no certificate") }
    let key: NIOSSLPrivateKey
    // Without a callback OpenSSL would ask for a pass phrase at the terminal.
    do { key = try NIOSSLPrivateKey(file: files.key, format: .pem) { $0("".utf8) } } catch {
      throw ServingError("\(files.key): no private key in PEM, without a pass phrase, can be read from it")
    }
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
    configuration.minimumTLSVersion = .tlsv12
    configuration.applicationProtocols = ["http/1.1"]
    do { return try NIOSSLContext(configuration: configuration) } catch {
      throw ServingError("\(files.certificate) and \(files.key): certificate and key do not belong together")
    }
  }
}

/// Looks every few seconds whether the files have been renewed.
struct CertificateWatch: Service {
  let certificate: ServerCertificate
  let log: Logger

  func run() async throws {
    try? await cancelWhenGracefulShutdown {
      while true {
        try await Task.sleep(for: .seconds(5))
        do throws(ServingError) {
          if try certificate.renew() { log.notice("new connections get another certificate") }
        } catch {
          log.error("the certificate before stays", metadata: ["error": "\(error)"])
        }
      }
    }
  }
}
