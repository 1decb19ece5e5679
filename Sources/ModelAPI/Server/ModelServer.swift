internal import Hummingbird
public import Logging
public import Serving
internal import ServiceLifecycle
internal import Telemetry

/// Serves models over HTTP/1.1 until its task is cancelled.
public struct ModelServer: Sendable {
  private let shelf: ModelShelf
  private let address: ServerAddress
  private let certificate: CertificateFiles?
  private let limits: ServerLimits
  private let tokens: AccessTokens?
  private let audit: AuditTrail?
  private let log: Logger
  private let logsAccess: Bool

  /// Prepares a server.
  ///
  /// - Parameters:
  ///   - certificate: what it answers with over TLS; `nil` for HTTP in the clear.
  ///   - tokens: the bearer tokens of which every request must have one; `nil` where anybody may ask.
  ///   - audit: where to keep account of what was said of patients.
  ///   - logsAccess: whether each request is logged: its route, status and time, and nothing of its body.
  public init(
    _ shelf: ModelShelf, at address: ServerAddress, certificate: CertificateFiles? = nil,
    limits: ServerLimits = ServerLimits(), tokens: AccessTokens? = nil, audit: AuditTrail? = nil, log: Logger,
    logsAccess: Bool = false
  ) {
    self.shelf = shelf
    self.address = address
    self.certificate = certificate
    self.limits = limits
    self.tokens = tokens
    self.audit = audit
    self.log = log
    self.logsAccess = logsAccess
  }

  /// Serves until the task is cancelled; requests that have begun are answered first, within ten seconds.
  ///
  /// - Parameter onReady: told of the port once it answers.
  /// - Throws: ``ServingError`` where the port cannot be had, or the certificate cannot be taken.
  public func run(onReady: @escaping @Sendable (_ port: Int) -> Void = { _ in }) async throws {
    let registry = RequestMetrics.makeRegistry()
    let metrics = RequestMetrics(registry, prefix: "vitals_serve")
    let inFlight = InFlight()
    let service = ModelService(
      shelf: shelf, limits: limits, keepsAccount: audit != nil,
      metrics: {
        metrics.note(inFlight: inFlight.count)
        return registry.text()
      })
    let responder = ModelResponder(
      service: service, tokens: tokens, audit: audit, metrics: metrics, limits: limits, log: logsAccess ? log : nil,
      inFlight: inFlight)
    var services: [any Service] = [ModelWatch(shelf: shelf, registry: registry, log: log)]
    if let audit {
      try await audit.open()
      services.insert(AuditService(trail: audit, log: log), at: 0)
    }
    // The trail lands its rows when the server has answered for the last time.
    try await HTTPHost(
      at: address, certificate: certificate, connections: limits.connections, patience: limits.patience,
      responder: responder, log: log
    ).run(outlasting: services, onReady: onReady)
  }
}

/// Looks after the folders of the models.
private struct ModelWatch: Service {
  let shelf: ModelShelf
  let registry: PrometheusRegistry
  let log: Logger

  func run() async throws {
    try? await cancelWhenGracefulShutdown {
      while true {
        try await Task.sleep(for: .seconds(1))
        for change in shelf.reload() {
          switch change {
          case .replaced(let model):
            registry.countReload(failed: false)
            log.notice("another model answers", metadata: ["model": "\(model.name)", "version": "\(model.version)"])
          case .failed(let error):
            registry.countReload(failed: true)
            log.error("a folder holds no model; the one before goes on", metadata: ["error": "\(error)"])
          }
        }
      }
    }
  }
}
