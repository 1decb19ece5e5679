internal import Hummingbird
internal import HummingbirdCore
public import Logging
internal import NIOCore
internal import ServiceLifecycle
internal import Synchronization
internal import Telemetry

/// Serves models over HTTP/1.1 until its task is cancelled.
public struct ModelServer: Sendable {
  /// Where it listens.
  public struct Address: Hashable, Sendable {
    /// The name or address of an interface.
    public var host: String
    /// The port; 0 for any that is free.
    public var port: Int

    /// Names a place.
    public init(host: String, port: Int) {
      self.host = host
      self.port = port
    }
  }

  private let shelf: ModelShelf
  private let address: Address
  private let limits: ServerLimits
  private let tokens: AccessTokens?
  private let audit: AuditTrail?
  private let log: Logger
  private let logsAccess: Bool

  /// Prepares a server.
  ///
  /// - Parameters:
  ///   - tokens: the bearer tokens of which every request must have one; `nil` where anybody may ask.
  ///   - audit: where to keep account of what was said of patients.
  ///   - logsAccess: whether each request is logged: its route, status and time, and nothing of its body.
  public init(
    _ shelf: ModelShelf, at address: Address, limits: ServerLimits = ServerLimits(), tokens: AccessTokens? = nil,
    audit: AuditTrail? = nil, log: Logger, logsAccess: Bool = false
  ) {
    self.shelf = shelf
    self.address = address
    self.limits = limits
    self.tokens = tokens
    self.audit = audit
    self.log = log
    self.logsAccess = logsAccess
  }

  /// Serves until the task is cancelled; requests that have begun are answered first, within ten seconds.
  ///
  /// - Parameter onReady: told of the port once it answers.
  /// - Throws: ``ServingError`` where the port cannot be had.
  public func run(onReady: @escaping @Sendable (_ port: Int) -> Void = { _ in }) async throws {
    let registry = RequestMetrics.makeRegistry()
    let metrics = RequestMetrics(registry)
    let inFlight = ModelResponder.InFlight()
    let service = ModelService(
      shelf: shelf, limits: limits, keepsAccount: audit != nil,
      metrics: {
        metrics.note(inFlight: inFlight.count.load(ordering: .relaxed))
        return registry.text()
      })
    let responder = ModelResponder(
      service: service, tokens: tokens, audit: audit, metrics: metrics, limits: limits, log: logsAccess ? log : nil,
      inFlight: inFlight)
    var quiet = Logger(label: "vitals-serve.http")
    quiet.logLevel = .error
    let server = Application(
      responder: responder,
      server: .http1(configuration: .init(idleTimeout: .init(limits.patience))),
      configuration: .init(
        address: .hostname(address.host, port: address.port), backlog: 1_024,
        availableConnectionsDelegate: MaximumAvailableConnections(limits.connections, logger: quiet)),
      onServerRunning: { channel in onReady(channel.localAddress?.port ?? 0) },
      logger: quiet)
    // Services end in the reverse order: the trail lands its rows when the server has answered for the last time.
    var services: [any Service] = [ModelWatch(shelf: shelf, metrics: metrics, log: log), server]
    if let audit {
      try await audit.open()
      services.insert(AuditService(trail: audit, log: log), at: 0)
    }
    var configuration = ServiceGroupConfiguration(services: services, logger: quiet)
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

/// Looks after the folders of the models.
private struct ModelWatch: Service {
  let shelf: ModelShelf
  let metrics: RequestMetrics
  let log: Logger

  func run() async throws {
    try? await cancelWhenGracefulShutdown {
      while true {
        try await Task.sleep(for: .seconds(1))
        for change in shelf.reload() {
          switch change {
          case .replaced(let model):
            metrics.countReload(failed: false)
            log.notice("another model answers", metadata: ["model": "\(model.name)", "version": "\(model.version)"])
          case .failed(let error):
            metrics.countReload(failed: true)
            log.error("a folder holds no model; the one before goes on", metadata: ["error": "\(error)"])
          }
        }
      }
    }
  }
}
