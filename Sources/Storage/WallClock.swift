import Glibc

/// The wall clock, for time stamps and event times; waiting is measured by `ContinuousClock`.
package enum WallClock {
  /// Milliseconds since 1970-01-01 UTC.
  package static func milliseconds() -> Int64 {
    var now = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &now)
    return Int64(now.tv_sec) * 1_000 + Int64(now.tv_nsec) / 1_000_000 + shiftMillis()
  }

  /// A file that a test names in `VITALS_CLOCK` when the process starts: by how many minutes the clock is wrong.
  private static let shiftFile: String? = unsafe getenv("VITALS_CLOCK").map { unsafe String(cString: $0) }

  private static func shiftMillis() -> Int64 {
    guard let shiftFile, let file = unsafe fopen(shiftFile, "r") else { return 0 }
    defer { unsafe fclose(file) }
    var text = [CChar](repeating: 0, count: 16)
    let count = unsafe fread(&text, 1, text.count, file)
    let digits = text.prefix(count).map { UInt8(bitPattern: $0) }.prefix { $0 != UInt8(ascii: "\n") }
    return (Int64(String(decoding: digits, as: UTF8.self)) ?? 0) * 60_000
  }
}
