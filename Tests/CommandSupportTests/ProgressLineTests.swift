import CommandSupport
import Testing

@Suite struct ProgressLineTests {
  @Test(
    arguments: [
      // What is known grows with time: first the bytes, then the rate, and the time left where the end is known.
      (0, nil, 0, 80, "0 B"), (1_500, nil, 0, 80, "1.5 kB"),
      (10_000_000, nil, 2, 80, "10 MB  5.0 MB/s"),
      (10_000_000, 30_000_000, 2, 80, "[##########....................] 33%  10 MB of 30 MB  5.0 MB/s  4 s left"),
      (30_000_000, 30_000_000, 6, 80, "[##############################] 100%  30 MB of 30 MB  5.0 MB/s"),
      (1_000_000, 1_000_000_000, 1, 60, "[........] 0%  1.0 MB of 1.0 GB  1.0 MB/s  16 min 39 s left"),
      (1_000, 100_000_000, 1, 200, "[..............................] 0%  1.0 kB of 100 MB  1.0 kB/s  27 h 46 min left"),
      (5, 10, 0, 12, "50%  5 B of "),
      // More than was announced is no reason to fall over.
      (20, 10, 1, 80, "[##############################] 100%  20 B of 10 B  20 B/s"),
      (0, 0, 1, 80, "0 B of 0 B  0 B/s"),
    ] as [(Int64, Int64?, Int, Int, String)])
  func lines(done: Int64, total: Int64?, seconds: Int, columns: Int, expected: String) {
    let line = ProgressLine(done: done, total: total, elapsed: .seconds(seconds)).text(columns: columns)
    #expect(line == expected)
    #expect(line.count <= columns)
  }

  @Test func piecesOfWork() {
    let line = ProgressLine(done: 25, total: 100, unit: .count, elapsed: .seconds(5)).text(columns: 78)
    #expect(line == "[#######.......................] 25%  25 of 100  5/s  15 s left")
  }
}
