internal import CoreMetrics
internal import Telemetry

extension PrometheusRegistry {
  /// Counts a model that was put in another one's place, or could not be.
  func countReload(failed: Bool) {
    makeCounter(label: "vitals_serve_model_reloads_total", dimensions: [("result", failed ? "failed" : "replaced")])
      .increment(by: 1)
  }
}
