import CommandSupport
import Testing

@Suite struct AmountTests {
  @Test(arguments: [
    ("1", 1), ("512MB", 512 << 20), ("4gb", 4 << 30), ("7KB", 7 << 10), ("1TB", 1 << 40), ("0", nil), ("MB", nil),
    ("1.5GB", nil), ("-1", nil), ("9999999999TB", nil), ("1 MB", nil), ("", nil), ("١MB", nil),
  ])
  func bytes(text: String, expected: Int?) { #expect(CommandText.bytes(text) == expected) }

  @Test(arguments: [
    ("90s", 90), ("10m", 600), ("12h", 43_200), ("7d", 604_800), ("2w", 1_209_600), ("2y", 63_072_000), ("7", nil),
    ("0d", nil), ("1M", nil), ("99999999999999999y", nil), ("d", nil),
  ])
  func spans(text: String, expected: Int?) { #expect(CommandText.seconds(text) == expected) }

  @Test func times() { #expect(CommandText.instantText(1_767_312_000_999) == "2026-01-02T00:00:00Z") }

  /// After failures the pause doubles up to sixteen times, cut by up to a half.
  @Test(arguments: [(0, 10.0, 10.0), (1, 5.0, 10.0), (3, 20.0, 40.0), (5, 80.0, 160.0), (99, 80.0, 160.0)])
  func pauses(failures: Int, least: Double, most: Double) {
    #expect(WatchPause.after(failures, interval: .seconds(10), chance: 0) == .seconds(least))
    #expect(WatchPause.after(failures, interval: .seconds(10), chance: 1) == .seconds(most))
  }
}
