import Testing

@testable import JSON

@Suite("JSON")
struct JSONTests {
  private func parse(_ text: String) -> JSONValue? { try? JSONValue(parsing: Array(text.utf8)) }

  @Test(
    "documents are read and written again",
    arguments: [
      "null", "true", "false", "0", "-12.5e+3", #""""#, #""a\"b\\c\nd""#, "[]", "[1,[2,{}],null]",
      #"{"a":1,"b":{"c":[true]},"":"x"}"#, "\"\\u0001ünï\u{1F600}\"",
    ])
  func roundTrip(text: String) {
    #expect(parse(text)?.json == text)
  }

  @Test(
    "escapes mean their characters",
    arguments: [
      (#""\u0041\/\b\f\r\t""#, "A/\u{8}\u{c}\r\t"), (#""\ud83d\ude00""#, "\u{1F600}"), (#""\u00e4""#, "ä"),
    ])
  func escapes(text: String, meaning: String) {
    #expect(parse(text) == .string(meaning))
  }

  @Test(
    "what is no JSON is refused",
    arguments: [
      "", " ", "{", "[", "[1", "[1,", "[1,]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{\"a\":1 \"b\":2}", "tru", "nul",
      "+1", "01", "-", "1.", ".5", "1e", "1e+", "1.2.3", "--1", "1-2", "00",
      "\"", "\"\\", "\"\\x\"", "\"\\u12\"", "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\n\"", "1 2", "{}}", "a",
    ])
  func refused(text: String) {
    #expect(parse(text) == nil)
  }

  @Test("numbers are the doubles nearest to them")
  func doubles() throws {
    var random = SystemRandomNumberGenerator()
    let picked = [
      "0", "-0", "0.1", "-0.3", "138", "33.6", "999999999999999", "99999999999999.9", "0.000000000000001", "1e22",
      "1e-5",
      "9007199254740993", "123456789012345678", "0.30000000000000004", "1e999", "-1E+2", "4.35", "2.675",
    ]
    let drawn = (0..<2_000).map { _ in
      let digits =
        Int64.random(in: -9_999_999_999_999_999...9_999_999_999_999_999, using: &random) >> Int64.random(in: 0...40)
      return "\(digits).\(Int.random(in: 0...999_999, using: &random))"
    }
    for text in picked + drawn {
      var scanner = JSONScanner(Array(text.utf8))
      let value = try scanner.double()
      #expect(value.bitPattern == Double(text)?.bitPattern && scanner.isAtEnd, "\(text)")
    }
  }

  @Test("a text that is not UTF-8 is refused")
  func encoding() {
    #expect((try? JSONValue(parsing: [0x22, 0xFF, 0x22])) == nil)
  }

  @Test("values are passed over whatever their depth, and stop where they end")
  func skip() throws {
    let deep = String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000)
    var scanner = JSONScanner(Array("{\"a\":\(deep),\"b\":7}".utf8))
    try scanner.openObject()
    var count = 0
    #expect(try scanner.nextKey(&count) == "a")
    try scanner.skip()
    #expect(try scanner.nextKey(&count) == "b")
    #expect(try scanner.integer() == 7)
    #expect(try scanner.nextKey(&count) == nil)
    #expect(scanner.isAtEnd)
    #expect(parse(deep) == nil)
  }

  @Test("brackets that do not match are found", arguments: ["[}", "{]", "[[]", "]", ","])
  func unbalanced(text: String) {
    var scanner = JSONScanner(Array(text.utf8))
    #expect(throws: JSONError.self) { try scanner.skip() }
  }

  @Test(
    "numbers beyond 64 bits and fractions are no whole numbers", arguments: ["9223372036854775808", "1.0", "1e3", "x"])
  func integers(text: String) {
    var scanner = JSONScanner(Array(text.utf8))
    #expect(throws: JSONError.self) { try scanner.integer() }
  }

  @Test(
    "numbers are the nearest doubles",
    arguments: [("0", 0), ("-0.5", -0.5), ("1e3", 1_000), ("12.5E-1", 1.25), ("1e999", .infinity)] as [(String, Double)]
  )
  func doubles(text: String, value: Double) throws {
    var scanner = JSONScanner(Array(text.utf8))
    #expect(try scanner.double() == value)
    #expect(scanner.isAtEnd)
  }

  @Test("random bytes neither trap nor hang")
  func noise() {
    var generator = SystemRandomNumberGenerator()
    let alphabet = Array("{}[]\",:\\u0123456789abcdeflnrst -+.\n".utf8) + [0xFF, 0xC3]
    for _ in 0..<5_000 {
      let bytes = (0..<Int.random(in: 0..<40, using: &generator)).map { _ in
        alphabet.randomElement(using: &generator) ?? 0
      }
      if let value = try? JSONValue(parsing: bytes) {
        #expect((try? JSONValue(parsing: Array(value.json.utf8))) == value)
      }
    }
  }

  @Test("members keep their places when a document is changed")
  func members() {
    var document = parse(#"{"a":1,"b":2}"#) ?? .null
    document["a"] = .bool(true)
    document["c"] = .null
    document["b"] = nil
    #expect(document.json == #"{"a":true,"c":null}"#)
  }
}
