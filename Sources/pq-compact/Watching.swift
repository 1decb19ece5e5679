import ArgumentParser
import CommandSupport
import CoreMetrics
import FoundationEssentials
import Landing
import Logging
import Maintenance
import Storage
import Telemetry

/// When to compact, and how much of the machine it may take.
struct WatchOptions: ParsableArguments {
  @Flag(help: "Go on until SIGTERM, again and again.")
  var watch = false

  @Option(help: ArgumentHelp("How long to wait between two rounds of --watch.", valueName: "span"))
  var every = "10m"

  @Option(
    help: ArgumentHelp("Begin partitions only in these hours of the day, in UTC, such as 22-6.", valueName: "hours"))
  var hours: String?

  @Option(help: ArgumentHelp("Bytes that may be read and written in a second, together.", valueName: "size"))
  var ioRate: String?

  @Option(
    help: "With --watch, the port that serves /metrics for Prometheus, /healthz and /readyz; 0 takes any free one.")
  var metricsPort: UInt16?

  func validate() throws {
    guard CommandText.seconds(every) != nil else { throw ValidationError("--every takes a span such as 10m.") }
    guard hours.map({ DayHours(parsing: $0) != nil }) ?? true else {
      throw ValidationError("--hours takes two hours from 0 to 24, such as 22-6.")
    }
    guard ioRate.map({ CommandText.bytes($0) != nil }) ?? true else {
      throw ValidationError("--io-rate takes a size such as 50MB.")
    }
    if metricsPort != nil, !watch { throw ValidationError("--metrics-port goes with --watch.") }
  }

  /// Whether work may be begun now.
  var isOpen: Bool { secondsToWait == 0 }

  private var secondsToWait: Int64 {
    let now = Int64(Date.now.timeIntervalSince1970.rounded(.down))
    return hours.flatMap { DayHours(parsing: $0) }?.wait(at: now) ?? 0
  }

  /// The store within its rate.
  func throttled(_ store: any FileStore) -> any FileStore {
    guard let rate = ioRate.flatMap({ CommandText.bytes($0) }) else { return store }
    return ThrottledStore(store, bytesPerSecond: rate)
  }

  /// Does the work again and again until the task is cancelled; failures that may pass are told of and tried again.
  func run(
    _ store: any FileStore, _ work: (any FileStore, CareMetrics) async throws -> Void
  ) async throws {
    let (care, server) = try serve()
    defer { server?.stop() }
    let store = throttled(store)
    let interval = Duration.seconds(CommandText.seconds(every) ?? 600)
    var failures = 0
    while true {
      if !isOpen { try await Task.sleep(for: .seconds(secondsToWait)) }
      let start = ContinuousClock.now
      var trouble: String?
      do {
        try await work(store, care)
        failures = 0
      } catch {
        let failure = CommandError(describing: error)
        guard failure.exit == .unavailable || failure.exit == .partlyDone, !(error is CancellationError) else {
          throw error
        }
        StandardError.print("pq-compact: \(failure.message); trying again")
        failures += 1
        trouble = failure.message
      }
      care.end(
        trouble: trouble, time: ContinuousClock.now - start, unixSeconds: Date.now.timeIntervalSince1970.rounded())
      try await Task.sleep(for: WatchPause.after(failures, interval: interval, chance: .random(in: 0..<1)))
    }
  }

  /// The metrics, served if a port is named.
  private func serve() throws -> (CareMetrics, StatusServer?) {
    guard let metricsPort else { return (CareMetrics(factory: NOOPMetricsHandler.instance), nil) }
    let registry = PrometheusRegistry()
    let care = CareMetrics(factory: registry)
    let server = try StatusServer(port: metricsPort) { path in
      switch path {
      case "/metrics": return StatusServer.Answer(status: 200, text: registry.text())
      case "/healthz":
        let isAlive = care.isAlive()
        return StatusServer.Answer(
          status: isAlive ? 200 : 503, text: isAlive ? "alive\n" : "the compaction gives no sign of life\n")
      case "/readyz":
        let trouble = care.trouble()
        return StatusServer.Answer(status: trouble == nil ? 200 : 503, text: (trouble ?? "ready") + "\n")
      default: return StatusServer.Answer(status: 404, text: "there are /metrics, /healthz and /readyz\n")
      }
    }
    Logger(label: "pq-compact").notice("serving metrics", metadata: ["port": "\(server.port)"])
    return (care, server)
  }
}
