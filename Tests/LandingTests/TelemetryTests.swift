import CoreMetrics
import Foundation
import Telemetry
import Testing

@testable import Landing

@Suite("Metrics")
struct TelemetryTests {
  /// Names and labels are read by other people's dashboards: changing one is a change of the interface.
  private static let golden = """
    vitals_sink_buffered_records{topic}
    vitals_sink_batches_total{topic}
    vitals_sink_commit_seconds_bucket{le,topic}
    vitals_sink_commit_seconds_count{topic}
    vitals_sink_commit_seconds_sum{topic}
    vitals_sink_commits_in_doubt{topic}
    vitals_sink_dead_letters_total{reason,topic}
    vitals_sink_file_bytes_total{topic}
    vitals_sink_files_total{topic}
    vitals_sink_lag_records{partition,topic}
    vitals_sink_lag_seconds{partition,topic}
    vitals_sink_partition_state{partition,state,topic}
    vitals_sink_records_total{topic}
    vitals_sink_resident_bytes{}
    vitals_sink_spool_bytes{topic}
    vitals_sink_spool_files{topic}
    vitals_sink_spooled_records_total{topic}
    """

  @Test("the names and labels of all metrics are as they are written down")
  func names() {
    let registry = PrometheusRegistry()
    var metrics = SinkMetrics(topic: "vitals", factory: registry)
    var look = SinkMetrics.Look()
    look.partitions = [SinkMetrics.Look.Partition(number: 3, mode: .spooling, lagRecords: 7, lagSeconds: 1.5)]
    look.deadLetters = ["not-json": 2]
    metrics.update(look)
    let names = Set(
      registry.text().split(separator: "\n").filter { !$0.hasPrefix("#") }.map { line in
        let name = line.prefix { $0 != "{" && $0 != " " }
        let labels = line.split(separator: "\"").enumerated().filter { $0.offset % 2 == 0 }.compactMap { part in
          part.element.hasSuffix("=") ? part.element.dropLast().split { "{,".contains($0) }.last.map(String.init) : nil
        }
        return "\(name){\(labels.sorted().joined(separator: ","))}"
      })
    #expect(names.sorted() == Self.golden.split(separator: "\n").map(String.init).sorted())
  }

  @Test("values show as Prometheus reads them")
  func values() {
    let registry = PrometheusRegistry()
    var metrics = SinkMetrics(topic: "a\"b", factory: registry)
    var receipt = LandingReceipt(isSpooled: false, version: 1, verdicts: [:], ranges: [])
    receipt.rows = 50
    metrics.count(receipt, time: .milliseconds(60))
    metrics.count(receipt, time: .seconds(3))
    var look = SinkMetrics.Look()
    look.partitions = [SinkMetrics.Look.Partition(number: 0, mode: .fenced, lagRecords: 7, lagSeconds: 1.5)]
    look.deadLetters = ["tombstone": 2]
    metrics.update(look)
    look.deadLetters = ["tombstone": 5]
    look.partitions = []
    metrics.update(look)
    let text = registry.text()
    for line in [
      "# TYPE vitals_sink_records_total counter", #"vitals_sink_records_total{topic="a\"b"} 100"#,
      #"vitals_sink_commit_seconds_bucket{topic="a\"b",le="0.05"} 0"#,
      #"vitals_sink_commit_seconds_bucket{topic="a\"b",le="0.1"} 1"#,
      #"vitals_sink_commit_seconds_bucket{topic="a\"b",le="+Inf"} 2"#,
      #"vitals_sink_commit_seconds_sum{topic="a\"b"} 3.06"#,
      #"vitals_sink_dead_letters_total{topic="a\"b",reason="tombstone"} 5"#,
      #"vitals_sink_partition_state{topic="a\"b",partition="0",state="fenced"} 0"#,
    ] {
      #expect(text.contains(line + "\n"), "\(line)")
    }
  }

  @Test("three paths are answered, and nothing else is")
  func answers() {
    let health = Health()
    let answer = StatusServer.answers(registry: PrometheusRegistry(), health: health)
    #expect(answer("/healthz").status == 200)
    #expect(answer("/readyz") == .init(status: 503, text: "nothing has begun yet\n"))
    health.note(topic: "t", modes: [.normal, .normal], hasAssignment: true)
    #expect(answer("/readyz").status == 200)
    health.note(topic: "t", modes: [.normal, .spooling, .fenced], hasAssignment: true)
    #expect(answer("/readyz").text == "t: 1 partitions are spooling\nt: 1 partitions are fenced\n")
    #expect(!health.isAlive(now: .now + .seconds(61)))
    #expect(answer("/other").status == 404)
    func status(_ request: String) -> Substring {
      String(decoding: StatusServer.response(to: Array(request.utf8), answer), as: UTF8.self).prefix(12)
    }
    #expect(status("GET /metrics?x=1 HTTP/1.1\r\n") == "HTTP/1.1 200")
    #expect(status("POST /metrics HTTP/1.1\r\n") == "HTTP/1.1 405")
    #expect(status("hello\n") == "HTTP/1.1 400")
    #expect(status("GET  /metrics HTTP/1.1\r\n") == "HTTP/1.1 400")
  }

  @Test("a client of other people reads the answers over a socket")
  func served() throws {
    let health = Health()
    let server = try StatusServer(
      port: 0, answer: StatusServer.answers(registry: PrometheusRegistry(), health: health))
    defer { server.stop() }
    let curl = Process()
    curl.executableURL = URL(fileURLWithPath: "/usr/bin/curl")
    curl.arguments = [
      "--noproxy", "*", "-s", "-o", "/dev/null", "-w", "%{http_code}", "http://127.0.0.1:\(server.port)/healthz",
    ]
    let pipe = Pipe()
    curl.standardOutput = pipe
    let end = try curl.start()
    end.wait()
    #expect(String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self) == "200")
    #expect(throws: LandingError.self) {
      _ = try StatusServer(port: server.port) { _ in .init(status: 200, text: "") }
    }
  }
}
