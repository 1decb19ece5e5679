internal import CoreMetrics
public import Logging
public import Serving
internal import ServiceLifecycle
public import Storage
internal import Telemetry

/// Shows the ward over HTTP/1.1 until its task is cancelled.
public struct DashboardServer: Sendable {
  /// All that may be chosen.
  public struct Configuration: Sendable {
    /// Where it listens.
    public var address: ServerAddress
    /// What it answers with over TLS; `nil` for HTTP in the clear.
    public var certificate: CertificateFiles?
    /// Where the readings are.
    public var stores: DashboardStores
    /// What the ward decides for itself.
    public var settings: WardSettings
    /// The address of vitals-serve; `nil` for no risk form.
    public var modelURL: String?
    /// The token that vitals-serve wants.
    public var modelToken: String?
    /// Seconds between two updates of a page, unless its reader chooses otherwise.
    public var refresh = 5
    /// The tokens of which who looks must have one; `nil` where anybody may look.
    public var tokens: AccessTokens?
    /// The folder of what outlives the process: the secret of the keys, and the state of alarms.
    public var state: (any FileStore)?
    /// The folder of a model of early warning, which may come, change and go; `nil` for none.
    public var earlyWarning: (any FileStore)?
    /// Who looked at whom.
    public var views: ViewLog?
    /// What addresses in messages begin with.
    public var publicURL: String?
    /// How much is taken.
    public var limits = DashboardLimits()

    /// What its addresses begin with.
    public var scheme: String { certificate == nil ? "http" : "https" }

    /// Names what has no default.
    public init(address: ServerAddress, stores: DashboardStores, settings: WardSettings) {
      self.address = address
      self.stores = stores
      self.settings = settings
    }
  }

  private let configuration: Configuration
  private let log: Logger

  /// Prepares a server.
  public init(_ configuration: Configuration, log: Logger) {
    self.configuration = configuration
    self.log = log
  }

  /// Serves until the task is cancelled.
  ///
  /// - Parameter onReady: told of the port once it answers.
  /// - Throws: ``ServingError`` where the port cannot be had, the certificate cannot be taken, or the state cannot be
  ///   kept.
  public func run(onReady: @escaping @Sendable (_ port: Int) -> Void = { _ in }) async throws {
    let keys = PatientKeys(secret: try await secret())
    let hub = WardHub(
      ward: WardState(keys: keys, settings: configuration.settings), listenerLimit: configuration.limits.streams)
    try await restore(hub)
    let registry = RequestMetrics.makeRegistry()
    let metrics = RequestMetrics(registry, prefix: "vitals_dashboard")
    let inFlight = InFlight()
    let address = configuration.address
    let sender = AlarmSender(
      hub: hub, notify: configuration.settings.notify, store: configuration.state,
      address: configuration.publicURL ?? "\(configuration.scheme)://\(address.host):\(address.port)", log: log)
    let service = DashboardService(
      hub: hub, model: configuration.modelURL.map { ModelClient(url: $0, token: configuration.modelToken) },
      sender: sender, tokens: configuration.tokens, keys: keys, refresh: configuration.refresh,
      metrics: {
        metrics.note(inFlight: inFlight.count)
        registry.note(hub)
        return registry.text()
      })
    let responder = DashboardResponder(
      service: service, isSecure: configuration.certificate != nil, metrics: metrics, limits: configuration.limits,
      views: configuration.views, log: log, inFlight: inFlight)
    let watch = configuration.earlyWarning.map { EarlyWarningWatch(folder: $0, hub: hub, log: log) }
    try await HTTPHost(
      at: address, certificate: configuration.certificate, connections: configuration.limits.connections,
      patience: configuration.limits.patience, responder: responder, log: log
    ).run(
      outlasting: [sender, WardFeed(stores: configuration.stores, hub: hub, log: log)] + (watch.map { [$0] } ?? []),
      preceding: [HubCloser(hub: hub)], onReady: onReady)
  }

  /// The secret of the keys: kept where there is a folder for it, so that shared addresses stay good.
  private func secret() async throws -> [UInt8] {
    guard let store = configuration.state else { return PatientKeys.makeSecret() }
    do throws(StorageError) {
      if try await store.status("secret") == nil { _ = try await store.create("secret", PatientKeys.makeSecret()) }
      let secret = try await store.read("secret", limit: 1_024)
      guard secret.count >= 32 else {
        throw StorageError(.corrupt, path: "\(store.root)/secret", message: "it is shorter than 32 bytes: remove it")
      }
      return secret
    } catch {
      throw ServingError("the state cannot be kept: \(error)")
    }
  }

  private func restore(_ hub: WardHub) async throws {
    guard let store = configuration.state else { return }
    do throws(StorageError) {
      guard try await store.status(AlarmFile.name) != nil else { return }
      let bytes = try await store.read(AlarmFile.name, limit: AlarmFile.sizeLimit)
      guard let kept = AlarmFile.decode(bytes) else {
        return log.warning("the state of alarms is damaged, and begins anew", metadata: ["file": "\(AlarmFile.name)"])
      }
      hub.changeAlarms { $0.restore(kept.active, history: kept.history) }
    } catch {
      throw ServingError("the state of alarms cannot be read: \(error)")
    }
  }
}

/// Ends the streams before the server waits for its requests.
private struct HubCloser: Service {
  let hub: WardHub

  func run() async throws {
    try? await gracefulShutdown()
    hub.close()
  }
}

extension PrometheusRegistry {
  /// Notes how ward and pipeline stand.
  fileprivate func note(_ hub: WardHub) {
    let (feed, patients, stale, alarms) = hub.look { state in
      (
        state.feed, state.ward.patients.count, state.ward.patients.values.count(where: \.isStale),
        state.alarms.openCount
      )
    }
    let gauges: [(String, Double)] = [
      ("patients", Double(patients)), ("patients_stale", Double(stale)), ("alarms_open", Double(alarms)),
      ("streams", Double(hub.listenerCount)), ("lag_seconds", Double(feed.lagMillis ?? 0) / 1_000),
      ("table_live", feed.isLive ? 1 : 0), ("damaged_files", Double(feed.damagedFiles)),
      ("spool_files", Double(feed.spoolFiles)), ("dead_letters", Double(feed.deadLetters)),
    ]
    for (name, value) in gauges {
      makeRecorder(label: "vitals_dashboard_\(name)", dimensions: [], aggregate: false).record(value)
    }
  }
}
