import Kernels
import Testing

@Suite("JSON kernels")
struct JSONKernelTests {
  private func scan(_ text: String) -> JSONNumber {
    let bytes = Array(text.utf8)
    return bytes.withUnsafeBufferPointer { scanJSONNumber($0.baseAddress!, from: 0, to: bytes.count) }
  }

  @Test("a number that is given is the nearest double", arguments: 0..<20)
  func nearest(seed: Int) {
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<2_000 {
      let digits = Int.random(in: 1...18, using: &generator)
      let mantissa = Int64.random(in: 0..<(0..<digits).reduce(1) { power, _ in power * 10 }, using: &generator)
      let places = Int.random(in: 0...min(digits, 12), using: &generator)
      var text = String(mantissa)
      if places > 0 {
        text = String(repeating: "0", count: max(0, places + 1 - text.count)) + text
        text.insert(".", at: text.index(text.endIndex, offsetBy: -places))
      }
      if Bool.random() { text = "-" + text }
      if Bool.random() { text += "e\(Int.random(in: -10...10))" }
      let number = scan(text)
      #expect(number.end == text.utf8.count)
      if number.kind != .inexact {
        #expect(number.double.bitPattern == Double(text)?.bitPattern, "\(text)")
      }
    }
  }

  @Test(
    "kinds",
    arguments: [
      ("0", .integer), ("-0", .integer), ("9223372036854775807", .integer), ("9223372036854775808", .inexact),
      ("-9223372036854775808", .integer), ("-9223372036854775809", .inexact),
      ("12345678901234567890", .inexact), ("1.0", .double), ("1e22", .double), ("1e23", .inexact), ("1e-400", .inexact),
      ("", .malformed), ("-", .malformed), ("+1", .malformed), ("01", .malformed), (".5", .malformed),
      ("5.", .malformed),
      ("1e", .malformed), ("1e+", .malformed), ("Infinity", .malformed), ("0x10", .integer),
    ] as [(String, JSONNumber.Kind)])
  func kinds(text: String, kind: JSONNumber.Kind) {
    #expect(scan(text).kind == kind)
  }

  @Test(
    "strings end at their quote",
    arguments: [
      (#"abc""#, 3, false, true), (#"a\"b""#, 4, true, true), (#"a\\""#, 3, true, true), ("ä\"", 2, false, false),
      ("abc", -1, false, true), (#"abc\"#, -1, true, true), ("a\nb\"", -1, false, true),
    ] as [(String, Int, Bool, Bool)])
  func strings(text: String, end: Int, hasEscape: Bool, isASCII: Bool) {
    let bytes = Array(text.utf8)
    let span = bytes.withUnsafeBufferPointer { scanJSONString($0.baseAddress!, from: 0, to: bytes.count) }
    #expect(span.end == end)
    #expect(span.hasEscape == hasEscape)
    #expect(span.isASCII == isASCII)
  }
}
