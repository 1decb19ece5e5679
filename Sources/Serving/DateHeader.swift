internal import Synchronization

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#endif

/// The value of the header `date` (RFC 9110, section 5.6.7), made once a second: `Sun, 06 Nov 1994 08:49:37 GMT`.
final class DateHeader: Sendable {
  private let last = Mutex<(second: Int, text: String)?>(nil)

  /// The present one.
  var text: String {
    let second = time(nil)
    return last.withLock { last in
      if let last, last.second == second { return last.text }
      let text = Self.text(second)
      last = (second, text)
      return text
    }
  }

  /// The value for a number of seconds since 1970-01-01 UTC.
  static func text(_ second: Int) -> String {
    var (second, parts) = unsafe (second, tm())
    unsafe gmtime_r(&second, &parts)
    func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : String(number) }
    let day = unsafe "\(days[Int(parts.tm_wday)]), \(two(parts.tm_mday)) \(months[Int(parts.tm_mon)])"
    let time = unsafe "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))"
    return unsafe "\(day) \(1900 + parts.tm_year) \(time) GMT"
  }

  private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]
}
