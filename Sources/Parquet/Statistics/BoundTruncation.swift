/// Shorter bounds in place of long byte strings: still bounds, and still valid UTF-8 where the type is text.
///
/// Of a text whose bytes are not UTF-8 the bytes count. "Blart Versenwald III" cut to 5 is "Blart" below and "Blaru"
/// above. Specification: parquet.thrift, `Statistics`, `min_value` and `max_value`.
enum BoundTruncation {
  /// A prefix of at most `limit` bytes; not larger than the value.
  static func lower(_ value: [UInt8], limit: Int, isText: Bool) -> [UInt8] {
    Array(value[..<cut(value, limit: limit, isText: isText)])
  }

  /// A byte string of about `limit` bytes that is larger than the value; `nil` when there is none.
  static func upper(_ value: [UInt8], limit: Int, isText: Bool) -> [UInt8]? {
    let prefix = Array(value[..<cut(value, limit: limit, isText: isText)])
    if isText, let text = String(validating: prefix, as: UTF8.self) { return successor(text) }
    var bytes = prefix
    while let last = bytes.popLast() {
      if last < 0xFF { return bytes + [last + 1] }
    }
    return nil
  }

  /// The smallest text of no more characters that is larger than all that begin with `prefix`.
  private static func successor(_ prefix: String) -> [UInt8]? {
    var scalars = Array(prefix.unicodeScalars)
    while let last = scalars.popLast() {
      // Surrogates are no characters; above the last character there is none.
      let next = last.value == 0xD7FF ? 0xE000 : last.value + 1
      guard let scalar = Unicode.Scalar(next) else { continue }
      scalars.append(scalar)
      var text = String.UnicodeScalarView()
      text.append(contentsOf: scalars)
      return Array(String(text).utf8)
    }
    return nil
  }

  /// Where to cut: at the limit, or before the character that it would split.
  private static func cut(_ value: [UInt8], limit: Int, isText: Bool) -> Int {
    guard value.count > limit else { return value.count }
    guard isText else { return limit }
    var end = limit
    while end > 0, limit - end < 4, value[end] & 0xC0 == 0x80 { end -= 1 }
    return value[end] & 0xC0 == 0x80 ? limit : end
  }
}
