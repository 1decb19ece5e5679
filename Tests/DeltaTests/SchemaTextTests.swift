import Columnar
import Testing

@testable import Delta

@Suite("Schema text")
struct SchemaTextTests {
  @Test("our types survive a round trip")
  func roundTrip() throws {
    let schema = Schema([
      Field("a", .boolean), Field("b", .int(bits: 8)), Field("c", .int(bits: 16)), Field("d", .int(bits: 32)),
      Field("e", .int(bits: 64), isNullable: false), Field("f", .float), Field("g", .double),
      Field("h", .decimal(precision: 10, scale: 2)), Field("i", .date),
      Field("j", .timestamp(unit: .microseconds, isAdjustedToUTC: true)), Field("k \"quoted\"", .string),
      Field("l", .binary),
    ])
    #expect(try SchemaText.decode(try SchemaText.encode(schema), path: "t").schema == schema)
  }

  @Test("nested types survive a round trip")
  func nestedRoundTrip() throws {
    let inner = DataType.structure([Field("x", .double), Field("y", .list(Field("element", .string)))])
    let schema = Schema([
      Field("s", inner), Field("l", .list(Field("element", inner, isNullable: false))),
      Field("m", .map(key: Field("key", .string, isNullable: false), value: Field("value", .date))),
      Field("t", .timestamp(unit: .microseconds, isAdjustedToUTC: false)),
    ])
    #expect(try SchemaText.decode(try SchemaText.encode(schema), path: "t").schema == schema)
  }

  @Test("a schema nested without end is refused, not followed")
  func bottomless() {
    let open = #"{"type":"array","containsNull":true,"elementType":"#
    let type = String(repeating: open, count: 10_000) + "\"long\"" + String(repeating: "}", count: 10_000)
    let text = #"{"type":"struct","fields":[{"name":"m","type":"# + type + #","nullable":true}]}"#
    #expect(throws: DeltaError.self) { try SchemaText.decode(text, path: "t") }
  }

  @Test("a column of an unknown type is refused by name, not misread")
  func unknown() {
    let text = #"{"type":"struct","fields":[{"name":"m","type":{"type":"variant"},"nullable":true,"metadata":{}}]}"#
    let error = #expect(throws: DeltaError.self) { try SchemaText.decode(text, path: "t") }
    #expect(error?.code == .notSupported)
    #expect(error?.message.contains("column m") == true)
  }

  @Test("column properties are seen, whatever they hold")
  func properties() throws {
    let text = """
      {"type":"struct","fields":[{"name":"a","type":"long","nullable":true,
      "metadata":{"delta.invariants":"x","n":{"deep":[1]}}}]}
      """
    #expect(try SchemaText.decode(text, path: "t").properties == ["delta.invariants", "n"])
  }

  @Test("a type that Delta lacks is refused when a table is made")
  func unsupported() {
    #expect(throws: DeltaError.self) { try SchemaText.encode(Schema([Field("u", .uuid)])) }
  }
}
