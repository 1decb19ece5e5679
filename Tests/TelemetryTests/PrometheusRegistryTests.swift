import CoreMetrics
import Telemetry
import Testing

@Suite("Prometheus registry")
struct PrometheusRegistryTests {
  @Test("histograms have the buckets that were asked for")
  func bounds() {
    let registry = PrometheusRegistry(bounds: [0.001, 1])
    let timer = registry.makeTimer(label: "t", dimensions: [("route", "/predict")])
    timer.recordNanoseconds(500_000)
    timer.recordNanoseconds(2_000_000)
    timer.recordNanoseconds(3_000_000_000)
    #expect(
      registry.text() == """
        # TYPE t histogram
        t_bucket{route="/predict",le="0.001"} 1
        t_bucket{route="/predict",le="1"} 2
        t_bucket{route="/predict",le="+Inf"} 3
        t_sum{route="/predict"} 3.0025
        t_count{route="/predict"} 3

        """)
  }

  @Test("the same name and labels are the same metric, whatever asks")
  func sharing() {
    let registry = PrometheusRegistry()
    for _ in 0..<3 { registry.makeCounter(label: "c", dimensions: [("a", "x\"\\\n")]).increment(by: 2) }
    registry.makeRecorder(label: "g", dimensions: [], aggregate: false).record(1.5)
    #expect(registry.text() == "# TYPE c counter\nc{a=\"x\\\"\\\\\\n\"} 6\n# TYPE g gauge\ng 1.5\n")
  }
}
