import Columnar
import Query
import Testing

/// The example of the documentation, as it stands there.
@Suite struct DocumentationTests {
  @Test("the landing page: a session, a statement, its batches")
  func landingPage() async throws {
    let catalog = NoTables()
    var seen: [Scalar] = []
    func print(_ value: Scalar) { seen.append(value) }
    let session = QuerySession(catalog: catalog)
    let result = try await session.run("select 6 * 7 as answer") { batch in
      print(batch.columns[0].scalar(at: 0))
    }
    #expect(result.schema.fields.map(\.name) == ["answer"] && seen == [.int(42)])
  }
}
