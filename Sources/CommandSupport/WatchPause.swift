/// How long `--watch` waits between two looks. Pure.
public enum WatchPause {
  /// The interval after a success; after failures it doubles up to sixteen times itself, and is cut by up to a half so
  /// that many processes do not come back together.
  public static func after(_ failures: Int, interval: Duration, chance: Double) -> Duration {
    if failures <= 0 { return interval }
    return interval * (1 << min(failures - 1, 4)) * (0.5 + 0.5 * min(max(chance, 0), 1))
  }
}
