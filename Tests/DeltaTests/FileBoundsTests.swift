import Columnar
import Delta
import Testing

/// Per-file statistics as bounds.
@Suite struct FileBoundsTests {
  @Test func bounds() throws {
    let known = try #require(
      FileBounds(
        parsing: """
          {"numRecords":4,"minValues":{"a":1,"s":"ä","d":"2026-01-01","t":"2026-01-01T00:00:00.001Z","x":-0.5},
          "maxValues":{"a":9,"t":"2026-01-01T00:00:00.002Z","x":"NaN"},"nullCount":{"a":0,"s":-1}}
          """))
    #expect(known.rowCount == 4)
    #expect(known.low(of: "a", .int(bits: 64)) == .int(1))
    #expect(known.high(of: "a", .int(bits: 64)) == .int(9))
    #expect(known.low(of: "s", .string) == .bytes(Array("ä".utf8)))
    #expect(known.high(of: "s", .string) == nil)
    #expect(known.low(of: "d", .date) == .int(20_454))
    #expect(known.low(of: "x", .double) == .double(-0.5))
    #expect(known.high(of: "x", .double) == nil)
    #expect(known.nullCount(of: "a") == 0)
    // A number of rows is not negative, and a column of another type says nothing.
    #expect(known.nullCount(of: "s") == nil)
    #expect(known.low(of: "a", .string) == nil)
    #expect(known.low(of: "none", .string) == nil)
  }

  /// Bounds of times are cut to the millisecond, so the upper one is widened by one.
  @Test func timesAreCut() throws {
    let known = try #require(
      FileBounds(
        parsing:
          "{\"minValues\":{\"t\":\"1970-01-01T00:00:00.001Z\"},\"maxValues\":{\"t\":\"1970-01-01T00:00:00.002Z\"}}"))
    let type = DataType.timestamp(unit: .microseconds, isAdjustedToUTC: true)
    #expect(known.low(of: "t", type) == .int(1_000))
    #expect(known.high(of: "t", type) == .int(3_000))
  }

  @Test(arguments: ["", "no JSON", "[1]", "{\"minValues\":", "\u{0}", String(repeating: "[", count: 5_000)])
  func whatSaysNothing(_ text: String) {
    #expect(FileBounds(parsing: text) == nil)
  }

  @Test func whatIsOddBoundsNothing() throws {
    let known = try #require(FileBounds(parsing: "{\"minValues\":[1],\"maxValues\":7,\"nullCount\":null}"))
    #expect(known.low(of: "a", .int(bits: 64)) == nil && known.high(of: "a", .int(bits: 64)) == nil)
    #expect(known.nullCount(of: "a") == nil && known.rowCount == nil)
  }
}
