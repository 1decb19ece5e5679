import Avro
import Testing
import Vitals

@testable import Landing

/// Reads a message of a writer with a reader's schema, and shows the fields as text.
private func read(
  _ writer: String, _ reader: String, _ message: AvroBytes, _ properties: String = ""
) throws -> (rejection: Rejection?, values: [String]) {
  let record = try AvroFixture.reader(reader, properties)
  var parser = RecordParser(schema: record)
  parser.form = .avro(try AvroPlan(writer: try AvroFixture.writer(writer), reader: record))
  return message.bytes.withUnsafeBytes { payload in
    let rejection = unsafe parser.parse(payload)
    return (rejection, unsafe parser.shown(payload))
  }
}

@Suite("Avro messages")
struct AvroDecodingTests {
  /// Types of a writer and a reader, a message, and the value that is read.
  static let promotions: [(String, String, AvroBytes, String)] = [
    (#""int""#, #""int""#, .long(-7), "-7"), (#""int""#, #""long""#, .long(-7), "-7"),
    (#""int""#, #""float""#, .long(16_777_217), "16777216.0"), (#""int""#, #""double""#, .long(-7), "-7.0"),
    (#""long""#, #""long""#, .long(.min), "\(Int64.min)"), (#""long""#, #""float""#, .long(3), "3.0"),
    (#""long""#, #""double""#, .long(1 << 53), "\(Double(1 << 53))"),
    (#""float""#, #""float""#, .float(0.1), "\(Double(Float(0.1)))"),
    (#""float""#, #""double""#, .float(-2.5), "-2.5"), (#""double""#, #""double""#, .double(0.1), "0.1"),
    (#""string""#, #""bytes""#, .text("ä"), "ä"), (#""bytes""#, #""string""#, .text("ä"), "ä"),
    (#""string""#, #""string""#, .text(""), ""), (#""boolean""#, #""boolean""#, .raw(1), "true"),
    (#"{"type":"int","logicalType":"date"}"#, #"{"type":"int","logicalType":"date"}"#, .long(20_455), "20455"),
    (
      #"{"type":"enum","name":"W","symbols":["V","A"]}"#, #"{"type":"enum","name":"E","symbols":["A","V"]}"#, .long(0),
      "V"
    ),
    (#"{"type":"enum","name":"W","symbols":["V","A"]}"#, #""string""#, .long(1), "A"),
    (
      #"{"type":"enum","name":"W","symbols":["N"]}"#,
      #"{"type":"enum","name":"E","symbols":["A","?"],"default":"A"}"#.replacing("?", with: "U"), .long(0), "A"
    ),
    (
      #"{"type":"long","logicalType":"timestamp-micros"}"#, #"{"type":"long","logicalType":"timestamp-millis"}"#,
      .long(-1_500), "-2"
    ),
    (
      #"{"type":"long","logicalType":"timestamp-millis"}"#, #"{"type":"long","logicalType":"timestamp-micros"}"#,
      .long(-2), "-2000"
    ),
    (#""long""#, #"{"type":"long","logicalType":"timestamp-millis"}"#, .long(5), "5"),
    (#"["null","int"]"#, #"["null","double"]"#, .raw(0), "null"),
    (#"["null","int"]"#, #"["null","double"]"#, .raw(2) + .long(4), "4.0"),
    (#"["double","null"]"#, #"["null","double"]"#, .raw(0) + .double(4), "4.0"),
    (#"["int","double","long"]"#, #""double""#, .raw(4) + .long(9), "9.0"),
    (#""int""#, #"["null","long"]"#, .long(3), "3"),
    (#"["null",{"type":"enum","name":"W","symbols":["A"]}]"#, #"["null","string"]"#, .raw(2, 0), "A"),
  ]

  @Test("a writer's type goes into the reader's as Avro has it", arguments: promotions)
  func promotion(writer: String, reader: String, message: AvroBytes, value: String) throws {
    let (rejection, values) = try read(#"{"name":"x","type":\#(writer)}"#, #"{"name":"x","type":\#(reader)}"#, message)
    #expect(rejection == nil && values == [value], "\(String(describing: rejection))")
  }

  @Test(
    "types that do not go into each other are found before any message is read",
    arguments: [
      (#""double""#, #""float""#), (#""long""#, #""int""#), (#""string""#, #""double""#), (#""int""#, #""string""#),
      (#""boolean""#, #""int""#), (#""null""#, #""int""#), (#"{"type":"array","items":"int"}"#, #""int""#),
      (#"["string","boolean"]"#, #""double""#), (#""string""#, #"{"type":"enum","name":"E","symbols":["A"]}"#),
      (#"{"type":"long","logicalType":"timestamp-nanos"}"#, #"{"type":"long","logicalType":"timestamp-millis"}"#),
      (
        #"{"type":"long","logicalType":"local-timestamp-millis"}"#, #"{"type":"long","logicalType":"timestamp-millis"}"#
      ),
      (#"{"type":"int","logicalType":"time-millis"}"#, #"{"type":"int","logicalType":"date"}"#),
      (#"{"type":"bytes","logicalType":"decimal","precision":4}"#, #""string""#),
    ])
  func mismatch(writer: String, reader: String) throws {
    let error = #expect(throws: AvroMismatch.self) {
      try read(#"{"name":"x","type":\#(writer)}"#, #"{"name":"x","type":\#(reader)}"#, .raw())
    }
    #expect(error?.description == "field x has another type in the writer's schema")
  }

  @Test("fields meet by name and alias, in any order; others are passed over, and defaults fill in")
  func fields() throws {
    let writer = """
      {"name":"nested","type":{"type":"array","items":
       {"type":"record","name":"N","fields":[{"name":"a","type":"string"}]}}},
      {"name":"b","type":"int"},{"name":"old","type":"string"},{"name":"gone","type":["null","double"]},
      {"name":"a","type":"long"}
      """
    let reader = """
      {"name":"a","type":"long"},{"name":"fresh","type":"string","aliases":["older","old"]},
      {"name":"b","type":"double"},{"name":"none","type":["null","double"],"default":null},
      {"name":"word","type":"string","default":"x"},{"name":"number","type":"int","default":-3},
      {"name":"part","type":"double","default":0.5},{"name":"flag","type":"boolean","default":true},
      {"name":"raw","type":"bytes","default":"A\\u0042"},
      {"name":"kind","type":{"type":"enum","name":"E","symbols":["P","Q"]},"default":"Q"}
      """
    let message =
      AvroBytes.long(2) + .text("skipped") + .text("too") + .raw(0) + .long(7) + .text("renamed") + .raw(2)
      + .double(1) + .long(-9)
    let (rejection, values) = try read(writer, reader, message)
    #expect(rejection == nil)
    #expect(values == ["-9", "renamed", "7.0", "-", "x", "-3", "0.5", "true", "AB", "Q"])
  }

  @Test("a name counts for more than an alias")
  func alias() throws {
    let (rejection, values) = try read(
      #"{"name":"old","type":"int"},{"name":"new","type":"int"}"#, #"{"name":"new","type":"int","aliases":["old"]}"#,
      .long(1) + .long(2))
    #expect(rejection == nil && values == ["2"])
  }

  @Test("a field that must be there and that the writer does not have")
  func missing() {
    let error = #expect(throws: AvroMismatch.self) {
      try read(#"{"name":"a","type":"int"}"#, #"{"name":"b","type":"int"}"#, .raw())
    }
    #expect(error?.description == "field b is required and not in the writer's schema")
  }

  /// A writer's type, a reader's, a message, and the code of what is wrong with it.
  static let faulty: [(String, String, AvroBytes, String)] = [
    (#""int""#, #""int""#, .long(1 << 31), "not-avro"), (#""int""#, #""int""#, .long(1) + .raw(0), "not-avro"),
    (#""string""#, #""string""#, .raw(4, 65), "not-avro"), (#""bytes""#, #""string""#, .raw(2, 0xFF), "not-avro"),
    (#"["null","int"]"#, #"["null","int"]"#, .raw(4, 0), "not-avro"), (#""double""#, #""double""#, .raw(1), "not-avro"),
    (#""boolean""#, #""boolean""#, .raw(2), "not-avro"),
    (#"{"type":"enum","name":"W","symbols":["A"]}"#, #""string""#, .long(1), "not-avro"),
    (#"["null","int"]"#, #""int""#, .raw(0), "missing-field"),
    (#"["null","string"]"#, #"["null","int"]"#, .raw(2) + .text("x"), "wrong-type"),
    // What comes behind an unfit value must be whole all the same.
    (#"["null","string"]"#, #"["null","int"]"#, .raw(2) + .text("x") + .raw(1), "not-avro"),
    (
      #"{"type":"enum","name":"W","symbols":["A","N"]}"#, #"{"type":"enum","name":"E","symbols":["A"]}"#, .long(1),
      "wrong-type"
    ),
    (
      #"{"type":"long","logicalType":"timestamp-millis"}"#, #"{"type":"long","logicalType":"timestamp-millis"}"#,
      .long(.max), "wrong-type"
    ),
    (
      #"{"type":"long","logicalType":"timestamp-millis"}"#, #"{"type":"long","logicalType":"timestamp-micros"}"#,
      .long(.min), "wrong-type"
    ),
  ]

  @Test("what is wrong with a message is its own fault alone", arguments: faulty)
  func bad(writer: String, reader: String, message: AvroBytes, code: String) throws {
    let (rejection, _) = try read(#"{"name":"x","type":\#(writer)}"#, #"{"name":"x","type":\#(reader)}"#, message)
    #expect(rejection?.code == code, "\(String(describing: rejection))")
  }

  @Test("the rules of the record hold for Avro as for JSON")
  func rules() throws {
    let fields = #"{"name":"x","type":["null","double"],"limits":[1,350]},{"name":"y","type":["null","double"]}"#
    func code(_ message: AvroBytes) throws -> String? {
      try read(fields, fields, message, #","atLeastOneOf":["x"]"#).rejection?.code
    }
    #expect(try code(.raw(2) + .double(72) + .raw(0)) == nil)
    #expect(try code(.raw(2) + .double(351) + .raw(0)) == "out-of-limits")
    #expect(try code(.raw(2) + .double(.nan) + .raw(0)) == "out-of-limits")
    #expect(try code(.raw(0) + .raw(2) + .double(1)) == "no-measurement")
    #expect(try code(.raw()) == "empty")
  }

  @Test("nothing of an earlier message is left in the next")
  func reuse() throws {
    let fields = #"{"name":"x","type":["null","string"]},{"name":"e","type":["null","string"]}"#
    let record = try AvroFixture.reader(fields)
    var parser = RecordParser(schema: record)
    let unfit = #"{"name":"x","type":["null","string"]},{"name":"e","type":["null","int"]}"#
    for writer in [unfit, fields] {
      parser.form = .avro(try AvroPlan(writer: try AvroFixture.writer(writer), reader: record))
      let first = (AvroBytes.raw(2) + .text("one") + .raw(2) + (writer == unfit ? .long(3) : .text("two"))).bytes
      _ = first.withUnsafeBytes { unsafe parser.parse($0) }
      let second = AvroBytes.raw(0, 0).bytes
      second.withUnsafeBytes { payload in
        #expect(unsafe parser.parse(payload) == nil)
        #expect(unsafe parser.shown(payload) == ["null", "null"])
      }
    }
  }

  @Test("bytes at random become a record or a dead letter, never more")
  func random() throws {
    let fields = """
      {"name":"a","type":["null","string"]},{"name":"b","type":{"type":"map","values":"bytes"}},
      {"name":"c","type":["null","double","long"]},{"name":"d","type":{"type":"enum","name":"E","symbols":["X","Y"]}}
      """
    let record = try AvroFixture.reader(
      #"{"name":"a","type":["null","string"]},{"name":"c","type":["null","double"]},{"name":"d","type":"string"}"#)
    var parser = RecordParser(schema: record)
    parser.form = .avro(try AvroPlan(writer: try AvroFixture.writer(fields), reader: record))
    var taken = 0
    for seed in 0..<20_000 {
      let bytes = (0..<seed % 24).map { UInt8(truncatingIfNeeded: (seed &* 2_654_435_761 >> ($0 % 16)) % 7) }
      bytes.withUnsafeBytes { payload in
        if unsafe parser.parse(payload) == nil {
          taken += 1
          #expect(unsafe parser.shown(payload).count == 3)
        }
      }
    }
    #expect(taken > 0)
  }
}
