package import Hummingbird
internal import HummingbirdCore
package import Logging
internal import NIOCore
internal import NIOPosix
package import ServiceLifecycle

/// A socket with a responder behind it, and the services that live and end with it.
package struct HTTPHost<Responder: HTTPResponder>: Sendable
where Responder.Context: InitializableFromSource<ApplicationRequestContextSource> {
  /// Where it listens.
  package var address: ServerAddress
  /// The most connections; further ones wait.
  package var connections: Int
  /// How long a connection may be silent before it is let go.
  package var patience: Duration
  /// What answers.
  package var responder: Responder
  /// What it answers with over TLS; `nil` for HTTP in the clear.
  package var certificate: CertificateFiles?
  /// What tells of a certificate that is renewed.
  package var log: Logger

  /// Describes a server.
  package init(
    at address: ServerAddress, certificate: CertificateFiles? = nil, connections: Int, patience: Duration,
    responder: Responder, log: Logger
  ) {
    self.address = address
    self.certificate = certificate
    self.connections = connections
    self.patience = patience
    self.responder = responder
    self.log = log
  }

  /// Serves until the task is cancelled; requests that have begun are answered first, within ten seconds.
  ///
  /// - Parameters:
  ///   - outlasting: services that end after the server has answered for the last time.
  ///   - preceding: services that end first, since requests wait for them.
  ///   - onReady: told of the port once it answers.
  /// - Throws: ``ServingError`` where the port cannot be had, or the certificate cannot be taken.
  package func run(
    outlasting: [any Service] = [], preceding: [any Service] = [],
    onReady: @escaping @Sendable (_ port: Int) -> Void
  ) async throws {
    // What a socket complains of is seldom of use.
    var quiet = Logger(label: "\(log.label).http")
    quiet.logLevel = .error
    let renewed = try certificate.map { files throws(ServingError) in try ServerCertificate(files) }
    let server = Application(
      responder: responder,
      server: HTTPServerBuilder { responder in
        let configuration = HTTP1Channel.Configuration(idleTimeout: .init(patience))
        let http = HTTP1Channel(responder: responder, configuration: configuration)
        return channel(http, renewed)
      },
      configuration: .init(
        address: .hostname(address.host, port: address.port), backlog: 1_024,
        availableConnectionsDelegate: MaximumAvailableConnections(connections, logger: quiet)),
      onServerRunning: { channel in onReady(channel.localAddress?.port ?? 0) },
      eventLoopGroupProvider: .shared(socketThreads),
      logger: quiet)
    // Services end in the reverse order.
    let watch = renewed.map { [CertificateWatch(certificate: $0, log: log)] } ?? []
    var configuration = ServiceGroupConfiguration(
      services: outlasting + [server] + preceding + watch, logger: quiet)
    configuration.maximumGracefulShutdownDuration = .seconds(10)
    let group = ServiceGroup(configuration: configuration)
    do {
      // Cancelled, the group would drop what it answers: it is asked to end instead.
      try await withTaskCancellationHandler {
        try await Task { try await group.run() }.value
      } onCancel: {
        Task { await group.triggerGracefulShutdown() }
      }
    } catch let error as IOError {
      throw ServingError("\(address.host):\(address.port) cannot be had: \(error.description); choose another --port")
    }
  }

  /// The channel with what comes before it.
  private func channel(_ http: HTTP1Channel, _ certificate: ServerCertificate?) -> any ServerChildChannel {
    func secured(_ base: some ServerChildChannel) -> any ServerChildChannel {
      certificate.map { TLSChannel(base: base, certificate: $0) } ?? base
    }
    guard let prompt = responder as? any PromptResponder else { return secured(http) }
    return secured(PromptChannel(base: http, responder: prompt))
  }
}

/// The threads of all sockets: one for each processor that this process may use, and not for each that there is.
private let socketThreads = MultiThreadedEventLoopGroup(numberOfThreads: usableProcessors)
