internal import CoreMetrics
internal import Synchronization
internal import Telemetry

/// Counts requests and their time, by route and status.
final class RequestMetrics: Sendable {
  private struct Key: Hashable {
    var route: String
    var status: Int
  }

  private let registry: PrometheusRegistry
  private let counters = Mutex<[Key: any CounterHandler]>([:])
  private let timers = Mutex<[String: any TimerHandler]>([:])

  /// - Parameter registry: where the counts show.
  init(_ registry: PrometheusRegistry) { self.registry = registry }

  /// A registry whose histograms suit predictions: from a tenth of a millisecond to a second.
  static func makeRegistry() -> PrometheusRegistry {
    PrometheusRegistry(bounds: [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1])
  }

  /// Counts an answer.
  func count(_ route: String, status: Int, time: Duration) {
    let counter = counters.withLock { all in
      let key = Key(route: route, status: status)
      if let known = all[key] { return known }
      let made = registry.makeCounter(
        label: "vitals_serve_requests_total", dimensions: [("route", route), ("status", String(status))])
      all[key] = made
      return made
    }
    counter.increment(by: 1)
    let timer = timers.withLock { all in
      if let known = all[route] { return known }
      let made = registry.makeTimer(label: "vitals_serve_request_seconds", dimensions: [("route", route)])
      all[route] = made
      return made
    }
    let parts = time.components
    timer.recordNanoseconds(parts.seconds * 1_000_000_000 + parts.attoseconds / 1_000_000_000)
  }

  /// Notes how many requests are being answered.
  func note(inFlight count: Int) {
    registry.makeRecorder(label: "vitals_serve_requests_in_flight", dimensions: [], aggregate: false)
      .record(Int64(count))
  }

  /// Counts a model that was put in another one's place, or could not be.
  func countReload(failed: Bool) {
    registry.makeCounter(
      label: "vitals_serve_model_reloads_total", dimensions: [("result", failed ? "failed" : "replaced")]
    ).increment(by: 1)
  }
}
