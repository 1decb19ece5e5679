import Columnar
import Parquet
import Storage
import Testing

/// Rows as values of Swift types.
@Suite struct RowDecoderTests {
  struct Reading: Decodable, Equatable {
    var patient: String
    var rate: Int?
    var temperature: Double
    var isChecked: Bool
  }

  private func texts(_ words: [String]) -> ColumnValues {
    .bytes(words.reduce(into: ByteStrings()) { $0.append($1.utf8) })
  }

  @Test("flat rows, optional values, columns that nobody asks for")
  func flat() async throws {
    let schema = Schema([
      Field("temperature", .double), Field("unused", .uuid), Field("patient", .string), Field("rate", .int(bits: 32)),
      Field("isChecked", .boolean),
    ])
    let batch = RecordBatch(
      schema: schema,
      columns: [
        Column(type: .double, values: .double([36.5, 37])),
        Column(type: .uuid, values: .fixed(width: 16, Array(repeating: 1, count: 32))),
        Column(type: .string, values: texts(["P1", "P2"])),
        Column(type: .int(bits: 32), values: .int32([70, 0]), validity: Bitmap([true, false])),
        Column(type: .boolean, values: .boolean(Bitmap([true, false]))),
      ])
    let file = try await ParquetFile.open(BytesSource(try written([batch])))
    let expected = [
      Reading(patient: "P1", rate: 70, temperature: 36.5, isChecked: true),
      Reading(patient: "P2", rate: nil, temperature: 37, isChecked: false),
    ]
    #expect(try await file.rows(of: Reading.self) == expected)
    #expect(try await file.rows(of: Reading.self, limit: 1) == [expected[0]])
    struct Wrong: Decodable { var patient: Int }
    await #expect(throws: DecodingError.self) { try await file.rows(of: Wrong.self) }
    struct Missing: Decodable { var nothing: Int }
    await #expect(throws: DecodingError.self) { try await file.rows(of: Missing.self) }
    struct Narrow: Decodable { var rate: UInt8? }
    #expect(try await file.rows(of: Narrow.self).map(\.rate) == [70, nil])
  }
}
