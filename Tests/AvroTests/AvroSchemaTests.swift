import Testing

@testable import Avro

@Suite("Avro schemas")
struct AvroSchemaTests {
  private func parse(_ text: String) throws(SchemaError) -> AvroSchema { try AvroSchema.parse(Array(text.utf8)) }

  @Test("all shapes, with names in their namespaces")
  func shapes() throws {
    let schema = try parse(
      """
      {"type":"record","name":"R","namespace":"a.b","fields":[
       {"name":"at","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"when"},
       {"name":"e","type":["null",{"type":"enum","name":"E","symbols":["X","Y"]}],"default":null},
       {"name":"again","type":"E"}, {"name":"full","type":"a.b.E"},
       {"name":"inner","type":{"type":"record","name":"other.I","fields":[{"name":"own","type":"I"}]}},
       {"name":"list","type":{"type":"array","items":"R"}},
       {"name":"map","type":{"type":"map","values":{"type":"fixed","name":"F","size":16}}}]}
      """)
    let members = try #require(schema.members)
    #expect(members.map(\.name) == ["at", "e", "again", "full", "inner", "list", "map"])
    #expect(members[0].doc == "when" && members[1].fallback == .null && members[0].fallback == nil)
    let at = schema.types[members[0].type]
    #expect(at.shape == .long && at.logicalType == "timestamp-millis")
    guard case .union(let branches) = schema.types[members[1].type].shape else { return #expect(Bool(false)) }
    #expect(schema.types[branches[1]].shape == .enumeration(["X", "Y"]))
    #expect(members[2].type == branches[1] && members[3].type == branches[1])
    #expect(schema.types[members[5].type].shape == .array(schema.root))
    guard case .record(let own) = schema.types[members[4].type].shape else { return #expect(Bool(false)) }
    #expect(own[0].type == members[4].type)
  }

  @Test("types of other schemas are known by their names, whichever schema comes last")
  func references() throws {
    let kind = #"{"type":"enum","name":"Kind","namespace":"ward","symbols":["A","B"]}"#
    let bed = #"{"type":"record","name":"ward.Bed","fields":[{"name":"kind","type":"Kind"}]}"#
    let fields = #"{"name":"bed","type":"ward.Bed"},{"name":"kind","type":"ward.Kind"}"#
    let main = #"{"type":"record","name":"R","fields":[\#(fields)]}"#
    let schema = try AvroSchema.parse(Array(main.utf8), references: [kind, bed].map { Array($0.utf8) })
    let members = try #require(schema.members)
    guard case .record(let inner) = schema.types[members[0].type].shape else { return #expect(Bool(false)) }
    #expect(inner[0].type == members[1].type)
    #expect(schema.types[members[1].type].shape == .enumeration(["A", "B"]))
    #expect(throws: SchemaError.self) { try AvroSchema.parse(Array(main.utf8), references: [Array(bed.utf8)]) }
    #expect(throws: SchemaError.self) {
      try AvroSchema.parse(Array(kind.utf8), references: [Array(kind.utf8)])
    }
  }

  @Test(
    "what is wrong is told with its place",
    arguments: [
      ("{", "not a JSON document"), ("7", "a type is a name"), (#""Missing""#, #"unknown type "Missing""#),
      (#"{"type":"record","name":"R"}"#, #""fields" is missing"#), (#"{"name":"R"}"#, #""type" is missing"#),
      (#"{"type":"record","name":"1R","fields":[]}"#, "is no Avro name"),
      (#"{"type":"record","name":"R","fields":[{"name":"a","type":"int"},{"name":"a","type":"int"}]}"#, "is taken"),
      (#"{"type":"record","name":"R","fields":[{"name":"a","type":"Q"}]}"#, "fields[0] a.type: unknown type"),
      (#"{"type":"record","name":"R","fields":[7]}"#, "fields[0]: a field is an object"),
      (#"[["null"]]"#, "a union directly inside a union"), (#"{"type":"fixed","name":"F","size":-1}"#, "whole number"),
      (#"{"type":"fixed","name":"F","size":1.5}"#, "whole number"), (#"{"type":"array"}"#, #""items" is missing"#),
      (#"{"type":"enum","name":"E"}"#, "a list of at most 10000 symbols"),
      (
        #"[{"type":"fixed","name":"F","size":1},{"type":"fixed","name":"F","size":2}]"#, #""F" is defined twice"#
      ),
    ])
  func faults(text: String, part: String) {
    let error = #expect(throws: SchemaError.self) { try parse(text) }
    #expect(error?.description.contains(part) == true, "\(error?.description ?? "none")")
  }

  @Test("a schema that nests too deep, has too many types or is too long is refused")
  func limits() {
    func nested(_ levels: Int) -> String {
      String(repeating: #"{"type":"array","items":"#, count: levels) + #""int""# + String(repeating: "}", count: levels)
    }
    #expect(throws: Never.self) { try parse(nested(30)) }
    for levels in [65, 400, 50_000] { #expect(throws: SchemaError.self) { try parse(nested(levels)) } }
    let wide = "[" + Array(repeating: #""int""#, count: 20_001).joined(separator: ",") + "]"
    #expect(throws: SchemaError.self) { try parse(wide) }
    #expect(throws: SchemaError.self) { try parse("\"" + String(repeating: "x", count: 2 << 20) + "\"") }
  }
}
