package import Hummingbird
internal import HummingbirdCore
internal import Logging
internal import NIOCore
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
  /// The label of what the socket itself complains of.
  package var logLabel: String

  /// Describes a server.
  package init(
    at address: ServerAddress, connections: Int, patience: Duration, responder: Responder, logLabel: String
  ) {
    self.address = address
    self.connections = connections
    self.patience = patience
    self.responder = responder
    self.logLabel = logLabel
  }

  /// Serves until the task is cancelled; requests that have begun are answered first, within ten seconds.
  ///
  /// - Parameters:
  ///   - outlasting: services that end after the server has answered for the last time.
  ///   - preceding: services that end first, since requests wait for them.
  ///   - onReady: told of the port once it answers.
  /// - Throws: ``ServingError`` where the port cannot be had.
  package func run(
    outlasting: [any Service] = [], preceding: [any Service] = [],
    onReady: @escaping @Sendable (_ port: Int) -> Void
  ) async throws {
    var quiet = Logger(label: logLabel)
    quiet.logLevel = .error
    let server = Application(
      responder: responder,
      server: .http1(configuration: .init(idleTimeout: .init(patience))),
      configuration: .init(
        address: .hostname(address.host, port: address.port), backlog: 1_024,
        availableConnectionsDelegate: MaximumAvailableConnections(connections, logger: quiet)),
      onServerRunning: { channel in onReady(channel.localAddress?.port ?? 0) },
      logger: quiet)
    // Services end in the reverse order.
    var configuration = ServiceGroupConfiguration(services: outlasting + [server] + preceding, logger: quiet)
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
}
