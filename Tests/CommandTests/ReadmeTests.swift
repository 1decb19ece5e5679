import Foundation
import Testing

/// The questions to pq-query of the README, as they stand there, over a table and dead letters like those of its tour.
@Suite struct ReadmeTests {
  static let questions: [String] = {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let text = (try? String(contentsOf: root.appending(path: "README.md"), encoding: .utf8)) ?? ""
    return text.split(separator: "\n").filter { $0.hasPrefix("    pq-query ") && $0.hasSuffix("\"") }.map(String.init)
  }()

  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    let readings = """
      select 'P' || i % 9 as patient_id, timestamptz '2026-01-02 03:00:00+00' + interval 7 seconds * i as event_time, \
      60.0 + i * 37 % 71 as heart_rate, 80.0 + i % 20 as spo2, 36 + i % 50 / 10.0 as temperature, \
      i % 6 as _kafka_partition, i // 6 as _kafka_offset from range(500) t(i)
      """
    let letters = """
      select 'out-of-range' as error_code, 'spo2 is above 100' as error, now() as _kafka_timestamp from range(3)
      """
    for (table, rows) in [("tour", readings), ("tour_dead_letters", letters)] {
      try folder.write([], to: "data/\(table)/_made")
      let made = try CommandRun.run(
        "pq-query", ["copy (\(rows)) to 'data/\(table)/part.parquet'"], in: folder.root)
      try #require(made.status == 0, "\(made.errors)")
    }
  }

  @Test("a question of the README has an answer", arguments: questions)
  func question(line: String) throws {
    let run = try CommandRun.shell(line, in: folder.root)
    #expect(run.status == 0 && run.errors.isEmpty && !run.output.isEmpty, "\(run.errors)")
  }

  @Test("the README asks") func asks() { #expect(Self.questions.count >= 10) }
}
