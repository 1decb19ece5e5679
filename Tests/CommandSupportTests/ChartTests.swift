import Columnar
import Testing

@testable import CommandSupport

/// Charts as text.
@Suite struct ChartTests {
  private func points(_ values: [Double?]) -> [Chart.Point] {
    values.enumerated().map { Chart.Point(label: "r\($0)", value: $1) }
  }

  @Test func bars() {
    #expect(
      Chart.bars(points([4, 2, 0, nil, 0.5]), width: 16) == [
        "r0 ████████ 4", "r1 ████ 2", "r2  0", "r3  null", "r4 █ 0.5",
      ])
    #expect(Chart.bars(points([-1, 1]), width: 12) == ["r0  -1", "r1 ██████ 1"])
    #expect(Chart.bars(points([0]), width: 0) == ["r0  0"])
    #expect(Chart.bars(points([.nan, .infinity, 1]), width: 12).last == "r2 █████ 1")
    #expect(Chart.bars([], width: 80) == [])
  }

  @Test func lines() {
    let line = Chart.line(points([0, 10, 0]), width: 20, height: 4)
    #expect(line.count == 4)
    #expect(line[0].hasPrefix("10 ") && line[3].hasPrefix(" 0 "))
    #expect(line.allSatisfy { $0.count <= 20 })
    // The highest point is in the middle of the first line, both ends are on the last.
    #expect(line[0].dropFirst(3).first == "\u{2800}" && line[0].contains { $0 > "\u{2800}" && $0 <= "\u{28FF}" })
    #expect(line[3].last != "\u{2800}")
    #expect(Chart.line(points([nil, nil]), width: 20, height: 4) == [])
    #expect(Chart.line(points([5]), width: 20, height: 4).count == 4)
    #expect(Chart.line(points([.infinity, 1, .nan, 2]), width: 3, height: 2).count == 2)
  }

  @Test func columns() throws {
    let schema = Schema([Field("ward", .string), Field("beds", .int(bits: 64))])
    var chart = try Chart(.bar, schema: schema)
    let names = ByteStrings(offsets: [0, 1, 2], bytes: Array("ab".utf8))
    chart.add(
      RecordBatch(
        schema: schema,
        columns: [Column(type: .string, values: .bytes(names)), Column(type: .int(bits: 64), values: .int64([2, 1]))]))
    #expect(chart.lines(width: 8) == ["beds", "a ████ 2", "b ██ 1"])
    #expect(throws: CommandError.self) { try Chart(.line, schema: Schema([Field("x", .string)])) }
  }
}
