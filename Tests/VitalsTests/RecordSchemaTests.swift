import Avro
import Columnar
import Foundation
import Testing

@testable import Vitals

@Suite struct RecordSchemaTests {
  /// A record with these fields and record properties.
  private func record(_ fields: String, _ properties: String = "") -> [UInt8] {
    Array("{\"type\":\"record\",\"name\":\"R\"\(properties),\"fields\":[\(fields)]}".utf8)
  }

  @Test func everyTypeBecomesAColumn() throws {
    let schema = try RecordSchema.parse(
      avro: record(
        """
        {"name":"a","type":"boolean"}, {"name":"b","type":"int"}, {"name":"c","type":"long"},
        {"name":"d","type":"float"}, {"name":"e","type":["null","double"],"default":null},
        {"name":"f","type":{"type":"string"}}, {"name":"g","type":"bytes"},
        {"name":"h","type":{"type":"int","logicalType":"date"}},
        {"name":"i","type":["null",{"type":"long","logicalType":"timestamp-millis"}]},
        {"name":"j","type":{"type":"long","logicalType":"timestamp-micros"}},
        {"name":"k","type":{"type":"enum","name":"Colour","symbols":["RED","GREEN"]}},
        {"name":"l","type":["null","Colour"]},
        {"name":"m","type":{"type":"string","logicalType":"uuid"}},
        {"name":"n","type":{"type":"long","logicalType":"something-new"}}
        """))
    let micros = DataType.timestamp(unit: .microseconds, isAdjustedToUTC: true)
    let expected: [(DataType, Bool)] = [
      (.boolean, false), (.int(bits: 32), false), (.int(bits: 64), false), (.float, false), (.double, true),
      (.string, false), (.binary, false), (.date, false), (micros, true), (micros, false), (.string, false),
      (.string, true), (.string, false), (.int(bits: 64), false),
    ]
    #expect(schema.tableSchema.fields.map(\.type) == expected.map(\.0))
    #expect(schema.tableSchema.fields.map(\.isNullable) == expected.map(\.1))
    #expect(schema.fields[10].type == .enumeration(["RED", "GREEN"]))
    #expect(schema.fields[11].type == .enumeration(["RED", "GREEN"]))
    #expect(schema.eventTimeField == nil && schema.keyField == nil && schema.atLeastOneOf.isEmpty)
  }

  @Test func propertiesAreRead() throws {
    let schema = try RecordSchema.parse(
      avro: record(
        """
        {"name":"id","type":"string","doc":"who"},
        {"name":"at","type":{"type":"long","logicalType":"timestamp-micros"}},
        {"name":"x","type":["null","double"],"unit":"Cel","loinc":"8310-5","limits":[0,50.5],"normal":[36.1,38],
         "warning":[35,40]}
        """, #","namespace":"a.b","doc":"d","eventTime":"at","key":"id","atLeastOneOf":["x"]"#))
    #expect(schema.name == "R" && schema.namespace == "a.b" && schema.doc == "d")
    #expect(schema.eventTimeField == 1 && schema.keyField == 0 && schema.atLeastOneOf == [2])
    let field = schema.fields[2]
    #expect(field.unit == "Cel" && field.loinc == "8310-5")
    #expect(field.limits == 0...50.5 && field.normal == 36.1...38 && field.warning == 35...40)
    #expect(schema.fields[0].doc == "who")
    #expect(schema.index(of: "x") == 2 && schema.index(of: "y") == nil)
  }

  @Test func defaultsAndAliasesAreRead() throws {
    let schema = try RecordSchema.parse(
      avro: record(
        """
        {"name":"a","type":"int","default":-3,"aliases":["b","ns.c"]}, {"name":"d","type":"double","default":1},
        {"name":"e","type":"string","default":"ä"}, {"name":"f","type":"bytes","default":"A\\u00ff"},
        {"name":"g","type":"boolean","default":false}, {"name":"h","type":["null","double"],"default":null},
        {"name":"i","type":{"type":"enum","name":"E","symbols":["X","Y"],"default":"X"},"default":"Y"},
        {"name":"j","type":["null","E"]}, {"name":"k","type":"long"},
        {"name":"l","type":{"type":"long","logicalType":"timestamp-millis"},"default":9007199254740992}
        """))
    let expected: [RecordDefault?] = [
      .integer(-3), .fraction(1), .bytes(Array("ä".utf8)), .bytes([0x41, 0xFF]), .boolean(false), nil,
      .bytes([0x59]), nil, nil, .integer(1 << 53),
    ]
    #expect(schema.fields.map(\.fallback) == expected)
    #expect(schema.fields[0].aliases == ["b", "ns.c"] && schema.fields[1].aliases.isEmpty)
    #expect(schema.fields.map(\.unknownSymbol) == [nil, nil, nil, nil, nil, nil, "X", "X", nil, nil])
  }

  @Test func aFullNameIsSplit() throws {
    let text = #"{"type":"record","name":"x.y.Z","fields":[{"name":"a","type":"int"}]}"#
    let schema = try RecordSchema.parse(avro: Array(text.utf8))
    #expect(schema.name == "Z" && schema.namespace == "x.y")
  }

  /// Fields, record properties, and a part of the message that each must give.
  static let faults: [(String, String, String)] = [
    (#"{"name":"a","type":{"type":"record","name":"N","fields":[]}}"#, "", "fields[0] a.type: record does not fit"),
    (#"{"name":"a","type":{"type":"array","items":"int"}}"#, "", "fields[0] a.type: array does not fit"),
    (#"{"name":"a","type":{"type":"map","values":"int"}}"#, "", "map does not fit"),
    (#"{"name":"a","type":{"type":"fixed","name":"F","size":4}}"#, "", "fixed does not fit"),
    (#"{"name":"a","type":["null","int","long"]}"#, "", "only [\"null\", T]"),
    (#"{"name":"a","type":["int","null"]}"#, "", "write null first"),
    (#"{"name":"a","type":["null","null"]}"#, "", "only [\"null\", T]"),
    (#"{"name":"a","type":[]}"#, "", "only [\"null\", T]"),
    (#"{"name":"a","type":["null",["null","int"]]}"#, "", "a union inside a union"),
    (#"{"name":"a","type":"null"}"#, "", "column of nulls"),
    (#"{"name":"a","type":"Missing"}"#, "", "unknown type \"Missing\""),
    (#"{"name":"a","type":7}"#, "", "a type is a name"),
    (#"{"name":"a","type":{}}"#, "", "must name a primitive type"),
    (#"{"name":"a"}"#, "", "no type"),
    (#"{"type":"int"}"#, "", "fields[0].name: a name is missing"),
    (#"{"name":"1a","type":"int"}"#, "", "is no Avro name"),
    (#"{"name":"a b","type":"int"}"#, "", "is no Avro name"),
    (#"{"name":"","type":"int"}"#, "", "is no Avro name"),
    (#"{"name":"ä","type":"int"}"#, "", "is no Avro name"),
    (#"{"name":"a.b","type":"int"}"#, "", "is no Avro name"),
    (#"{"name":"a","type":"int"},{"name":"A","type":"int"}"#, "", "fields[1] A: the name is taken"),
    (#"{"name":"a","type":{"type":"string","logicalType":"date"}}"#, "", "does not go with this type"),
    (#"{"name":"a","type":{"type":"int","logicalType":"timestamp-millis"}}"#, "", "does not go with this type"),
    (#"{"name":"a","type":{"type":"bytes","logicalType":"decimal","precision":4}}"#, "", "decimal is not supported"),
    (#"{"name":"a","type":{"type":"enum","name":"E","symbols":[]}}"#, "", "1 to 10000 symbols"),
    (#"{"name":"a","type":{"type":"enum","name":"E","symbols":["A","A"]}}"#, "", "stands there twice"),
    (#"{"name":"a","type":{"type":"enum","name":"E","symbols":["A B"]}}"#, "", "symbols[0]"),
    (
      #"{"name":"a","type":{"type":"enum","name":"E","symbols":["A"]}},"#
        + #"{"name":"b","type":{"type":"enum","name":"E","symbols":["B"]}}"#, "", "E is defined twice"
    ),
    (#"{"name":"a","type":"enum"}"#, "", "needs a definition"),
    (#"{"name":"a","type":"string","limits":[1,2]}"#, "", "only a number has a range"),
    (#"{"name":"a","type":"double","limits":[2,1]}"#, "", "low not above high"),
    (#"{"name":"a","type":"double","limits":[1]}"#, "", "low not above high"),
    (#"{"name":"a","type":"double","limits":["1","2"]}"#, "", "low not above high"),
    (#"{"name":"a","type":"double","limits":[1,3],"normal":[0,2]}"#, "", "a.normal: the range leaves limits"),
    (#"{"name":"a","type":"double","warning":[1,3],"normal":[1,4]}"#, "", "a.normal: the range leaves warning"),
    (#"{"name":"a","type":"double","limits":[1,3],"warning":[1,4],"normal":[1,2]}"#, "", "a.warning: the range leaves"),
    (#"{"name":"a","type":"int","default":"1"}"#, "", "a.default: the default is no value of the field"),
    (#"{"name":"a","type":"int","default":2147483648}"#, "", "the default is no value"),
    (#"{"name":"a","type":"int","default":1.5}"#, "", "the default is no value"),
    (#"{"name":"a","type":"long","default":9007199254740994}"#, "", "the default is no value"),
    (#"{"name":"a","type":"int","default":null}"#, "", "the default is no value"),
    (#"{"name":"a","type":"bytes","default":"Ā"}"#, "", "the default is no value"),
    (#"{"name":"a","type":{"type":"enum","name":"E","symbols":["X"]},"default":"Y"}"#, "", "the default is no value"),
    (#"{"name":"a","type":{"type":"enum","name":"E","symbols":["X"],"default":"Y"}}"#, "", "none of the symbols"),
    (#"{"name":"a","type":"int","aliases":"b"}"#, "", "a list of at most 100 names"),
    (#"{"name":"a","type":"int","aliases":["1"]}"#, "", "a.aliases[0]"),
    (#"{"name":"a","type":"int","unit":3}"#, "", "a string is expected"),
    (#""a""#, "", "fields[0]: a field is an object"),
    ("", "", "at least one field"),
    (#"{"name":"a","type":"int"}"#, #","eventTime":"b""#, "eventTime: no field is called \"b\""),
    (#"{"name":"a","type":"int"}"#, #","eventTime":"a""#, "a is no timestamp"),
    (#"{"name":"a","type":["null","string"]}"#, #","key":"a""#, "must be a string that is never null"),
    (#"{"name":"a","type":"int"}"#, #","atLeastOneOf":["a"]"#, "must be a nullable field"),
    (#"{"name":"a","type":["null","int"]}"#, #","atLeastOneOf":["a","a"]"#, "atLeastOneOf[1]"),
    (#"{"name":"a","type":["null","int"]}"#, #","atLeastOneOf":[]"#, "a list of field names"),
  ]

  @Test(arguments: faults) func faultsNameThePlace(fields: String, properties: String, expected: String) {
    let error = #expect(throws: SchemaError.self) { try RecordSchema.parse(avro: record(fields, properties)) }
    let line = error?.description ?? ""
    #expect(line.contains(expected), "\(line)")
    #expect(!line.contains("\n"))
  }

  @Test(arguments: ["", "{", "[]", "7", "null", #"{"type":"enum"}"#, #"{"type":"record","name":"R"}"#])
  func documentsThatAreNoRecord(_ text: String) {
    #expect(throws: SchemaError.self) { try RecordSchema.parse(avro: Array(text.utf8)) }
  }

  @Test func hostileDocumentsEndInAnError() {
    let long = Array("\"\(String(repeating: "x", count: AvroJSON.maximumBytes))\"".utf8)
    #expect(throws: SchemaError.self) { try RecordSchema.parse(avro: long) }
    let deep = [UInt8](repeating: 0x5B, count: 100_000)
    #expect(throws: SchemaError.self) { try RecordSchema.parse(avro: deep) }
    let many = (0...RecordSchema.maximumFields).map { "{\"name\":\"f\($0)\",\"type\":\"int\"}" }
    #expect(throws: SchemaError.self) { try RecordSchema.parse(avro: record(many.joined(separator: ","))) }
    #expect(throws: SchemaError.self) { try RecordSchema.parse(avro: [0xFF, 0xFE, 0x00]) }
  }
}
