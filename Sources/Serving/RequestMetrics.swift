internal import CoreMetrics
internal import Synchronization
package import Telemetry

/// Counts requests and their time, by route and status.
package final class RequestMetrics: Sendable {
  private struct Key: Hashable {
    var route: String
    var status: Int
  }

  private let registry: PrometheusRegistry
  private let prefix: String
  private let counters = Mutex<[Key: any CounterHandler]>([:])
  private let timers = Mutex<[String: any TimerHandler]>([:])

  /// - Parameters:
  ///   - registry: where the counts show.
  ///   - prefix: what the names begin with: `vitals_serve`.
  package init(_ registry: PrometheusRegistry, prefix: String) {
    self.registry = registry
    self.prefix = prefix
  }

  /// A registry whose histograms suit answers out of memory: from a tenth of a millisecond to a second.
  package static func makeRegistry() -> PrometheusRegistry {
    PrometheusRegistry(bounds: [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1])
  }

  /// Counts an answer.
  package func count(_ route: String, status: Int, time: Duration) {
    let counter = counters.withLock { all in
      let key = Key(route: route, status: status)
      if let known = all[key] { return known }
      let made = registry.makeCounter(
        label: "\(prefix)_requests_total", dimensions: [("route", route), ("status", String(status))])
      all[key] = made
      return made
    }
    counter.increment(by: 1)
    let timer = timers.withLock { all in
      if let known = all[route] { return known }
      let made = registry.makeTimer(label: "\(prefix)_request_seconds", dimensions: [("route", route)])
      all[route] = made
      return made
    }
    let parts = time.components
    timer.recordNanoseconds(parts.seconds * 1_000_000_000 + parts.attoseconds / 1_000_000_000)
  }

  /// Notes how many requests are being answered.
  package func note(inFlight count: Int) {
    registry.makeRecorder(label: "\(prefix)_requests_in_flight", dimensions: [], aggregate: false)
      .record(Int64(count))
  }
}
