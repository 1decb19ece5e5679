import Columnar
import Testing

@testable import Delta

@Suite("File statistics")
struct FileStatisticsTests {
  @Test(
    "bounds are given exactly or not at all",
    arguments: [
      (.int(bits: 64), .int(-3), "-3"), (.double, .double(36.6), "36.6"), (.double, .double(.infinity), nil),
      (.date, .int(20_454), "\"2026-01-01\""), (.string, .bytes(Array("a\"b".utf8)), #""a\"b""#),
      (.string, .bytes([0xFF]), nil), (.string, .bytes(Array(repeating: 65, count: 81)), nil),
      (
        .timestamp(unit: .microseconds, isAdjustedToUTC: true), .int(1_767_323_045_123_999),
        "\"2026-01-02T03:04:05.123Z\""
      ),
      (.timestamp(unit: .microseconds, isAdjustedToUTC: true), .int(-1), "\"1969-12-31T23:59:59.999Z\""),
      (.binary, .bytes([1]), nil),
    ] as [(DataType, Scalar, String?)])
  func bounds(type: DataType, value: Scalar, text: String?) {
    #expect(FileStatistics.json(value, type: type) == text)
  }
}
