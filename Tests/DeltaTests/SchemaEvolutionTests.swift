import Columnar
import Storage
import Testing

@testable import Delta

private let long = DataType.int(bits: 64)

private func snapshot(_ schema: Schema, _ text: String? = nil) throws -> Snapshot {
  var snapshot = Snapshot(root: "t")
  let metadata = TableMetadata(
    id: "i", schemaString: try text ?? SchemaText.encode(schema), partitionColumns: [], createdTime: nil)
  try snapshot.apply([.tableProtocol(TableProtocol()), .metadata(metadata)], version: 0)
  return snapshot
}

private func joined(_ table: [Field], _ rows: [Field]) throws -> [Field]? {
  let table = try snapshot(Schema(table))
  return try table.metadata(joining: Schema(rows)).map {
    try SchemaText.decode($0.schemaString, path: "t").schema.fields
  }
}

@Suite("Schema evolution")
struct SchemaEvolutionTests {
  @Test("rows that fit change nothing")
  func fits() throws {
    #expect(try joined([Field("a", long), Field("b", .string)], [Field("b", .string), Field("a", long)]) == nil)
    #expect(try joined([Field("a", long), Field("b", .string)], [Field("a", long, isNullable: false)]) == nil)
  }

  @Test("new columns join at the end and are null in older rows")
  func added() throws {
    let result = try joined([Field("a", long)], [Field("n", .double, isNullable: false), Field("a", long)])
    #expect(result == [Field("a", long), Field("n", .double)])
  }

  @Test("new fields join inside structures, lists and maps")
  func nested() throws {
    func fields(_ inner: [Field]) -> [Field] {
      [
        Field("s", .structure(inner)), Field("l", .list(Field("element", .structure(inner)))),
        Field("m", .map(key: Field("key", .string, isNullable: false), value: Field("value", .structure(inner)))),
      ]
    }
    let result = try joined(fields([Field("x", long)]), fields([Field("x", long), Field("y", .date)]))
    #expect(result == fields([Field("x", long), Field("y", .date)]))
  }

  @Test("what other engines wrote into the schema stays")
  func untouched() throws {
    let text =
      #"{"type":"struct","fields":[{"name":"a","type":"long","nullable":true,"metadata":{"comment":"ä \"q\""}}]}"#
    let table = try snapshot(Schema([]), text)
    let metadata = try #require(try table.metadata(joining: Schema([Field("a", long), Field("b", long)])))
    #expect(metadata.schemaString.contains(#""metadata":{"comment":"ä \"q\""}"#))
    #expect(metadata.schemaString.contains(#""name":"b""#))
  }

  @Test(
    "a clash names the column",
    arguments: [
      ([Field("a", long)], [Field("a", .string)], "a"),
      ([Field("a", long)], [Field("A", long)], "A"),
      ([Field("a", long, isNullable: false)], [Field("a", long)], "a"),
      ([Field("a", long, isNullable: false)], [Field("b", long)], "a"),
      ([Field("s", .structure([Field("x", long)]))], [Field("s", .structure([Field("x", .date)]))], "s.x"),
      ([Field("s", .structure([Field("x", long)]))], [Field("s", long)], "s"),
      ([Field("l", .list(Field("element", long)))], [Field("l", .list(Field("element", .float)))], "l.element"),
      ([Field("d", .decimal(precision: 5, scale: 2))], [Field("d", .decimal(precision: 6, scale: 2))], "d"),
    ] as [([Field], [Field], String)])
  func clash(table: [Field], rows: [Field], column: String) {
    let error = #expect(throws: DeltaError.self) { try joined(table, rows) }
    #expect(error?.code == .forbidden)
    #expect(error?.message.contains("column \(column) ") == true)
  }

  @Test("a column of local time needs a feature that an old table lacks")
  func localTime() {
    let error = #expect(throws: DeltaError.self) {
      try joined([Field("a", long)], [Field("t", .timestamp(unit: .microseconds, isAdjustedToUTC: false))])
    }
    #expect(error?.message.contains("timestampNtz") == true)
  }

  @Test("two writers who add columns at once both get them")
  func race() async throws {
    let store = MemoryFileStore()
    var first = try await DeltaTable.openOrCreate(
      store: store, schema: Schema([Field("a", long)]), partitionColumns: [], engine: "test")
    var second = first
    func request(_ name: String) -> CommitRequest {
      CommitRequest(operation: "WRITE", engine: "test") { snapshot throws(DeltaError) in
        try snapshot.metadata(joining: Schema([Field("a", long), Field(name, .double)])).map { [.metadata($0)] }
      }
    }
    #expect(try await first.commit(request("x")) == 1)
    #expect(try await second.commit(request("y")) == 2)
    #expect(second.snapshot.schema.fields.map(\.name) == ["a", "x", "y"])
    #expect(try await first.commit(request("y")) == nil)
  }
}
