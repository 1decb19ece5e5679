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
