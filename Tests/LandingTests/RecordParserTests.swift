import Testing
import Vitals

@testable import Landing

private let schema = RecordSchema(
  name: "R",
  fields: [
    RecordField(name: "id", type: .string, isNullable: false),
    RecordField(name: "time", type: .timestampMillis, isNullable: false),
    RecordField(name: "rate", type: .double, isNullable: true, limits: 1...350),
    RecordField(name: "level", type: .enumeration(["A", "V"]), isNullable: true),
    RecordField(name: "oxygen", type: .boolean, isNullable: true),
    RecordField(name: "count", type: .int, isNullable: true),
    RecordField(name: "small", type: .float, isNullable: true),
  ],
  eventTimeField: 1, keyField: 0, atLeastOneOf: [2, 5])

/// Parses, and shows the fields as text.
private func parse(_ text: String) -> (rejection: Rejection?, values: [String]) {
  var parser = RecordParser(schema: schema)
  let bytes = Array(text.utf8)
  return bytes.withUnsafeBytes { payload in
    let rejection = parser.parse(payload)
    let values = zip(schema.fields, parser.slots).map { field, slot -> String in
      guard slot.state == .value else { return slot.state == .null ? "null" : "-" }
      switch field.type {
      case .double, .float: return "\(slot.double)"
      case .string, .enumeration:
        var copy: [UInt8] = []
        parser.appendBytes(of: slot, payload: payload, to: &copy)
        return String(decoding: copy, as: UTF8.self)
      case .boolean: return slot.bits == 1 ? "true" : "false"
      default: return "\(slot.integer)"
      }
    }
    return (rejection, values)
  }
}

@Suite("Record parser")
struct RecordParserTests {
  @Test(
    "records in any order and spelling",
    arguments: [
      (#"{"id":"P1","time":5,"rate":72.5}"#, ["P1", "5", "72.5", "-", "-", "-", "-"]),
      (#" { "rate" : 72 , "time":5,"id":"P1" } "#, ["P1", "5", "72.0", "-", "-", "-", "-"]),
      (
        #"{"id":"P\u00e41\n\ud83d\ude00","time":-5,"rate":1e2,"level":"V","oxygen":false,"count":-7,"small":0.1}"#,
        ["Pä1\n😀", "-5", "100.0", "V", "false", "-7", "0.10000000149011612"]
      ),
      (#"{"id":"x","time":5,"rate":null,"count":1,"level":"\u0041"}"#, ["x", "5", "null", "A", "-", "1", "-"]),
      (#"{"other":{"a":[1,{"b":null}],"c":"}"},"id":"é","time":0,"count":2}"#, ["é", "0", "-", "-", "-", "2", "-"]),
      (
        #"{"\u0069d":"x","time":5,"rate":3.141592653589793238462643}"#,
        ["x", "5", "3.141592653589793", "-", "-", "-", "-"]
      ),
      (#"{"id":"","time":9223372036854775,"rate":1E+0}"#, ["", "9223372036854775", "1.0", "-", "-", "-", "-"]),
    ])
  func accepted(text: String, values: [String]) {
    let result = parse(text)
    #expect(result.rejection == nil)
    #expect(result.values == values)
  }

  @Test(
    "everything else has its reason",
    arguments: [
      ("", .empty), ("   ", .notJSON(offset: 3)), ("hello", .notJSON(offset: 0)), ("[1]", .notAnObject),
      ("\"text\"", .notAnObject), ("5", .notAnObject), ("{", .notJSON(offset: 1)),
      (#"{"id":"x","time":5,"rate":1"#, .notJSON(offset: 27)),
      (#"{"id":"x","time":5,"rate":1}x"#, .notJSON(offset: 28)),
      (#"{"id":"x","time":5,"rate":1,}"#, .notJSON(offset: 28)), (#"{"id":"x" "time":5}"#, .notJSON(offset: 10)),
      (#"{"id":"x","time":5}"#, .noneOf(["rate", "count"])),
      (#"{"id":"x","time":5,"rate":null}"#, .noneOf(["rate", "count"])),
      (#"{"id":"x","rate":5}"#, .missingField("time")), (#"{"id":null,"time":5,"rate":5}"#, .missingField("id")),
      (#"{"id":7,"time":5,"rate":5}"#, .wrongType("id", expected: "a string")),
      (#"{"id":"x","time":5.5,"rate":5}"#, .wrongType("time", expected: "a whole number of its type")),
      (#"{"id":"x","time":"5","rate":5}"#, .wrongType("time", expected: "a whole number of its type")),
      (#"{"id":"x","time":9223372036854775808,"rate":5}"#, .wrongType("time", expected: "a whole number of its type")),
      (#"{"id":"x","time":5,"rate":"72"}"#, .wrongType("rate", expected: "a number")),
      (#"{"id":"x","time":5,"rate":true}"#, .wrongType("rate", expected: "a number")),
      (#"{"id":"x","time":5,"rate":1e999}"#, .wrongType("rate", expected: "a number")),
      (#"{"id":"x","time":5,"rate":NaN}"#, .notJSON(offset: 26)),
      (#"{"id":"x","time":5,"rate":01}"#, .notJSON(offset: 26)),
      (#"{"id":"x","time":5,"rate":0}"#, .outOfLimits("rate")),
      (#"{"id":"x","time":5,"rate":350.1}"#, .outOfLimits("rate")),
      (#"{"id":"x","time":5,"count":2147483648}"#, .wrongType("count", expected: "a whole number of its type")),
      (#"{"id":"x","time":5,"count":1,"level":"Z"}"#, .wrongType("level", expected: "one of A, V")),
      (#"{"id":"x","time":5,"count":1,"oxygen":1}"#, .wrongType("oxygen", expected: "true or false")),
      (#"{"id":"x","time":5,"count":1,"oxygen":tru}"#, .notJSON(offset: 38)),
      (#"{"id":"x","time":5,"count":1,"small":1e39}"#, .wrongType("small", expected: "a number in single precision")),
      (#"{"id":"x","id":"y","time":5,"count":1}"#, .duplicateField("id")),
      (#"{"id":"\ud83d","time":5,"count":1}"#, .notJSON(offset: 7)),
      (#"{"id":"\q","time":5,"count":1}"#, .notJSON(offset: 7)),
    ] as [(String, Rejection)])
  func rejected(text: String, reason: Rejection) {
    #expect(parse(text).rejection == reason)
  }

  @Test(
    "invalid UTF-8 and raw control characters are not JSON",
    arguments: [[0xFF], [0xC3], [0x01], [0xED, 0xA0, 0x80]] as [[UInt8]])
  func bytes(bad: [UInt8]) {
    var parser = RecordParser(schema: schema)
    let bytes = Array(#"{"id":""#.utf8) + bad + Array(#"","time":5,"rate":5}"#.utf8)
    let rejection = bytes.withUnsafeBytes { parser.parse($0) }
    #expect(rejection?.code == "not-json")
  }

  @Test("nesting beyond the limit is refused without recursion beyond it")
  func deep() {
    let deep = String(repeating: "[", count: 100_000)
    #expect(parse(#"{"other":"# + deep).rejection == .tooDeep)
    let fine = String(repeating: "[", count: 60) + String(repeating: "]", count: 60)
    #expect(parse(#"{"id":"x","time":5,"rate":5,"other":"# + fine + "}").rejection == nil)
  }

  @Test("cut off or altered anywhere, a record is rejected or read, never more")
  func damaged() {
    let text = Array(#"{"id":"Pä\u00e41","time":1760000000000,"rate":72.5,"level":"A","oxygen":true,"x":[1,{}]}"#.utf8)
    var parser = RecordParser(schema: schema)
    for end in text.indices {
      let rejection = text[..<end].withUnsafeBytes { parser.parse($0) }
      #expect(rejection != nil, "a prefix of \(end) bytes is no record")
    }
    for position in text.indices {
      for byte in UInt8.min...UInt8.max {
        var altered = text
        altered[position] = byte
        _ = altered.withUnsafeBytes { parser.parse($0) }
      }
    }
  }

  @Test("reasons never repeat a value")
  func privacy() {
    let secret = "SECRET"
    for text in [#"{"id":5,"time":"SECRET"}"#, #"{"id":"x","time":5,"count":1,"level":"SECRET"}"#, "SECRET"] {
      #expect(parse(text).rejection?.description.contains(secret) == false)
    }
  }
}
