import Columnar
import Testing

@testable import CommandSupport

/// What a body writes.
private func text(_ body: (inout TextBuffer) -> Void) -> String {
  var buffer = TextBuffer()
  body(&buffer)
  return String(decoding: buffer.bytes, as: UTF8.self)
}

@Suite struct NumberTextTests {
  @Test(arguments: [0, 1, 9, 10, 99, 100, -1, -10, 1_234_567_890_123, .max, .min] as [Int64])
  func signedIntegers(_ value: Int64) {
    #expect(text { $0.append(integer: value) } == String(value))
  }

  @Test(arguments: [0, 9, 10, 9_999_999_999_999_999_999, 10_000_000_000_000_000_000, .max] as [UInt64])
  func unsignedIntegers(_ value: UInt64) {
    #expect(text { $0.append(integer: value) } == String(value))
  }

  @Test(
    arguments: [
      0, -0.0, 1, -1, 0.1, 0.01, 0.001, 36.6, 36.65, 36.655, 72, 97.5, 1e10, 9_999_999_999.99, 12_345_678.91, 1e15,
      1e16,
      1e17, 1e-5, 1e300, .leastNonzeroMagnitude, .pi, .greatestFiniteMagnitude, .leastNormalMagnitude,
      0.30000000000000004, 1.005,
      123_456_789.125,
    ] as [Double])
  func doublesAreShortestAndExact(_ value: Double) {
    let written = text { $0.append(double: value) }
    #expect(written == value.description)
    #expect(Double(written)?.bitPattern == value.bitPattern)
  }

  @Test func manyDoublesReadBack() {
    var state: UInt64 = 1
    for step in 0..<20_000 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      // Raw bit patterns, and hundredths with an error of a few units in the last place, which must stay.
      let hundredths = Double(state >> 40) / 100
      let value = step % 2 == 0 ? Double(bitPattern: state) : Double(bitPattern: hundredths.bitPattern &+ state % 3)
      guard value.isFinite else { continue }
      let written = text { $0.append(double: value) }
      if written != value.description { Issue.record("\(value) was written as \(written)") }
    }
  }

  @Test func manyFloatsReadBack() {
    var state: UInt64 = 1
    for step in 0..<20_000 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let hundredths = Float(state >> 44) / 100
      let value =
        step % 2 == 0
        ? Float(bitPattern: UInt32(truncatingIfNeeded: state >> 32))
        : Float(bitPattern: hundredths.bitPattern &+ UInt32(truncatingIfNeeded: state % 3))
      guard value.isFinite else { continue }
      let written = text { $0.append(float: value) }
      if written != value.description { Issue.record("\(value) was written as \(written)") }
    }
  }

  @Test func numbersThatAreNone() {
    #expect(text { $0.append(double: .nan) } == "NaN")
    #expect(text { $0.append(double: .infinity) } == "Infinity")
    #expect(text { $0.append(double: -.infinity) } == "-Infinity")
    #expect(text { $0.append(float: -.infinity) } == "-Infinity")
    #expect(text { $0.append(halfBits: 0x7C00) } == "Infinity")
    #expect(text { $0.append(halfBits: 0x7E00) } == "NaN")
    #expect(text { $0.append(halfBits: 0x3C00) } == "1.0")
  }

  @Test(
    arguments: [
      (0, 0, "0"), (0, 2, "0.00"), (1, 2, "0.01"), (-1, 2, "-0.01"), (12_345, 2, "123.45"), (-12_345, 4, "-1.2345"),
      (12_345, 5, "0.12345"), (12_345, 7, "0.0012345"), (5, -3, "5000"), (0, -3, "0"),
      (.min, 3, "-9223372036854775.808"),
    ] as [(Int64, Int, String)])
  func decimals(unscaled: Int64, scale: Int, expected: String) {
    #expect(text { $0.appendDecimal(unscaled: unscaled, scale: scale) } == expected)
    let bytes = withUnsafeBytes(of: unscaled.bigEndian) { Array($0) }
    #expect(text { $0.appendDecimal(bigEndian: bytes[...], scale: scale) } == expected)
    // The same number in sixteen bytes takes the way of long numbers.
    let long = Array(repeating: unscaled < 0 ? UInt8(0xFF) : 0, count: 8) + bytes
    #expect(text { $0.appendDecimal(bigEndian: long[...], scale: scale) } == expected)
  }

  @Test func longDecimals() {
    let largest = Array("170141183460469231731687303715884105727".utf8)
    let bytes: [UInt8] = [0x7F] + Array(repeating: 0xFF, count: 15)
    #expect(text { $0.appendDecimal(bigEndian: bytes[...], scale: 0) } == String(decoding: largest, as: UTF8.self))
    let smallest: [UInt8] = [0x80] + Array(repeating: 0, count: 15)
    #expect(
      text { $0.appendDecimal(bigEndian: smallest[...], scale: 38) } == "-1.70141183460469231731687303715884105728")
    #expect(text { $0.appendDecimal(bigEndian: [], scale: 1) } == "0.0")
    // A million million million: groups of nine digits that are zero keep their zeros.
    let million: [UInt8] = [0, 0x0D, 0xE0, 0xB6, 0xB3, 0xA7, 0x64, 0x00, 0x00]
    #expect(text { $0.appendDecimal(bigEndian: million[...], scale: 0) } == "1000000000000000000")
  }
}

@Suite struct TimeTextTests {
  @Test(arguments: [
    (0, "1970-01-01"), (-1, "1969-12-31"), (19_723, "2024-01-01"), (-719_528, "0000-01-01"), (-719_529, "-0001-12-31"),
    (2_932_897, "10000-01-01"), (Int(Int32.max), "5881580-07-11"), (Int(Int32.min), "-5877641-06-23"),
  ])
  func dates(days: Int, expected: String) {
    #expect(text { $0.appendDate(daysSinceEpoch: days) } == expected)
  }

  @Test(
    arguments: [
      (0, .milliseconds, true, "1970-01-01T00:00:00.000Z"), (-1, .milliseconds, true, "1969-12-31T23:59:59.999Z"),
      (-1, .microseconds, false, "1969-12-31T23:59:59.999999"),
      (1, .nanoseconds, false, "1970-01-01T00:00:00.000000001"),
      (1_704_067_199_123_456, .microseconds, true, "2023-12-31T23:59:59.123456Z"),
      (.max, .nanoseconds, true, "2262-04-11T23:47:16.854775807Z"),
      (.min, .nanoseconds, true, "1677-09-21T00:12:43.145224192Z"),
      (.min, .milliseconds, true, "-292275055-05-16T16:47:04.192Z"),
    ] as [(Int64, TimeUnit, Bool, String)])
  func timestamps(value: Int64, unit: TimeUnit, isUTC: Bool, expected: String) {
    #expect(text { $0.appendTimestamp(value, unit: unit, isUTC: isUTC) } == expected)
  }

  @Test(
    arguments: [
      (0, .milliseconds, false, "00:00:00.000"), (86_399_999_999, .microseconds, true, "23:59:59.999999Z"),
      (3_600_000_000_001, .nanoseconds, false, "01:00:00.000000001"), (-1, .milliseconds, false, "-00:00:00.001"),
      (.min, .milliseconds, false, "-2562047788015:12:55.808"),
    ] as [(Int64, TimeUnit, Bool, String)])
  func times(value: Int64, unit: TimeUnit, isUTC: Bool, expected: String) {
    #expect(text { $0.appendTime(value, unit: unit, isUTC: isUTC) } == expected)
  }

  @Test func int96() {
    // Julian day 2,440,588 is 1970-01-01.
    #expect(
      text { $0.appendInt96([1, 0, 0, 0, 0, 0, 0, 0, 0x8C, 0x3D, 0x25, 0][...]) } == "1970-01-01T00:00:00.000000001")
    let beforeMidnight = Array(repeating: UInt8(0xFF), count: 8) + [0x8C, 0x3D, 0x25, 0]
    #expect(text { $0.appendInt96(beforeMidnight[...]) } == "1969-12-31T23:59:59.999999999")
    let absurd = Array(repeating: UInt8(0xFF), count: 7) + [0x7F] + [0xFF, 0xFF, 0xFF, 0x7F]
    #expect(!text { $0.appendInt96(absurd[...]) }.isEmpty)
    #expect(text { $0.appendInt96([1, 2, 3][...]) } == "AQID")
  }
}

@Suite struct EscapingTests {
  @Test(arguments: [
    ("", "\"\""), ("abc", "\"abc\""), ("a\"b\\c", #""a\"b\\c""#),
    ("\u{0}\u{1F}\n\t\r\u{8}\u{C}", #""\u0000\u001f\n\t\r\b\f""#),
    ("äöü€😀", "\"äöü€😀\""), ("\u{7F}\u{9B}", #""\u007f\u009b""#), ("a\u{202E}b", #""a\u202eb""#), ("a/b", "\"a/b\""),
    ("\u{2028}", #""\u2028""#),
  ])
  func json(_ value: String, expected: String) {
    #expect(text { $0.appendJSONString(value) } == expected)
  }

  /// Bytes that are no UTF-8, each giving one replacement character.
  @Test(
    arguments: [
      ([0x80], 1), ([0xC0, 0x80], 2), ([0xC3], 1), ([0xE2, 0x82], 2), ([0xED, 0xA0, 0x80], 3), ([0xF5, 0x80], 2),
      ([0xF4, 0x90, 0x80, 0x80], 4), ([0xFF], 1), ([0xE0, 0x80, 0x80], 3),
    ] as [([UInt8], Int)])
  func faultyBytesAreReplaced(bytes: [UInt8], count: Int) {
    let expected = "\"a" + String(repeating: "\u{FFFD}", count: count) + "b\""
    #expect(text { $0.appendJSONString(([0x61] + bytes + [0x62])[...]) } == expected)
    #expect(text { $0.append(text: ([0x61] + bytes + [0x62])[...], .csv) } == expected.filter { $0 != "\"" })
  }

  @Test func terminalsCannotBeCommanded() {
    let shown = text { $0.appendPrintable("\u{1B}[2J\u{9B}31m\u{7}a\nb\u{202E}\u{200F}") }
    #expect(shown == #"\u001b[2J\u009b31m\u0007a\nb\u202e\u200f"#)
    #expect(CommandText.printable("x\ty") == #"x\ty"#)
  }

  @Test(arguments: [
    ("", "\"\""), ("plain", "plain"), ("a,b", "\"a,b\""), ("a\"b", "\"a\"\"b\""), ("a\nb", "\"a\nb\""),
    ("a\r\nb", "\"a\r\nb\""), (" a", "\" a\""), ("ä", "ä"),
  ])
  func csv(_ value: String, expected: String) {
    #expect(text { $0.append(text: Array(value.utf8)[...], .csv) } == expected)
  }

  @Test func otherStyles() {
    let bytes = Array("a\tb\nc\\d|e".utf8)[...]
    #expect(text { $0.append(text: bytes, .tsv) } == #"a\tb\nc\\d|e"#)
    #expect(text { $0.append(text: bytes, .markdown) } == #"a\u0009b<br>c\\d\|e"#)
  }

  @Test(arguments: [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")])
  func base64(_ value: String, expected: String) {
    #expect(text { $0.appendBase64(Array(value.utf8)[...]) } == expected)
  }

  @Test func uuids() {
    #expect(
      text { $0.appendUUID(Array(UInt8(0)...15)[...]) } == "00010203-0405-0607-0809-0a0b0c0d0e0f")
  }

  @Test(arguments: [("abc", 3), ("日本", 4), ("e\u{301}", 1), ("😀", 2), ("", 0), ("ä", 1)])
  func widths(_ value: String, expected: Int) {
    #expect(UTF8Text.width(of: Array(value.utf8)[...]) == expected)
  }

  @Test func cutting() {
    let bytes = Array("日本語".utf8)
    #expect(UTF8Text.end(of: bytes[...], columns: 5) == 6)
    #expect(UTF8Text.end(of: bytes[...], columns: 6) == 9)
    #expect(UTF8Text.end(of: bytes[...], columns: 0) == 0)
  }
}
