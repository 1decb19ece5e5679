import Forest
import Testing

@Suite struct TableTests {
  private func schema() throws -> TableSchema {
    try TableSchema(
      json: Array(
        """
        {"name": "d", "label": "outcome", "columns": [{"name": "glucose", "missing": [0], "limits": [30, 600]},
        {"name": "age"}]}
        """.utf8))
  }

  private func table(_ text: String, needsTargets: Bool = true) throws -> LabelledTable {
    try LabelledTable(csv: Array(text.utf8), schema: schema(), needsTargets: needsTargets)
  }

  @Test func columnsInAnyOrderAndZerosThatAreMissing() throws {
    let read = try table("\u{FEFF}age,extra,outcome,glucose\r\n40,x,1, 148 \r\n\r\n31,\"a,\nb\",0,0\n22,,1,\n0,y,0,NA")
    #expect(read.targets == [1, 0, 1, 0])
    #expect(read.features.columns[1] == [40, 31, 22, 0])
    #expect(read.features.columns[0][0] == 148 && read.features.columns[0].dropFirst().allSatisfy { $0.isNaN })
  }

  @Test(arguments: [
    ("", "line 1: there are no column names"),
    ("glucose,outcome\n", "line 1: there is no column age"),
    ("glucose,age\n", "line 1: there is no column outcome"),
    ("glucose,age,outcome,age\n", "line 1: the column age is there twice"),
    ("glucose,age,outcome\n1,2,1\n1,x,1\n", "line 3, column age: no number"),
    ("glucose,age,outcome\n1,2,1\n\n\n1,inf,1\n", "line 5, column age: no number"),
    ("glucose,age,outcome\n1,1e300,1\n", "line 2, column age: no number"),
    ("glucose,age,outcome\n1,2,3\n", "line 2, column outcome: neither 0 nor 1; a schema lists other classes"),
    ("glucose,age,outcome\n1,2,\n", "line 2, column outcome: neither 0 nor 1; a schema lists other classes"),
    ("glucose,age,outcome\n1,2\n", "line 2: 2 fields, where line 1 names 3"),
    ("glucose,age,outcome\n1,\"2,1\n", "line 2: a quote is not closed"),
    ("glucose,age,outcome\n1,\"2\"3,1\n", "line 2: text behind a closing quote"),
  ])
  func badTablesAreNamedByLineAndColumn(text: String, message: String) {
    let error = #expect(throws: ForestError.self) { try table(text) }
    #expect(error?.description == message)
    #expect(error?.code == .badData)
  }

  @Test func withoutTargets() throws {
    let read = try table("age,glucose\n1,2", needsTargets: false)
    #expect(read.targets == nil && read.features.rowCount == 1)
    #expect(try table("age,glucose\n", needsTargets: false).features.rowCount == 0)
  }

  @Test(arguments: [
    "", "[]", #"{"name":"a","label":"b"}"#, #"{"name":"a","label":"b","columns":[]}"#,
    #"{"name":"a","label":"b","columns":[{"name":"b"}]}"#,
    #"{"name":"a","label":"b","columns":[{"name":"c"},{"name":"c"}]}"#,
    #"{"name":"a","label":"b","columns":[{"name":"c","limits":[2,1]}]}"#,
    #"{"name":"a","label":"b","columns":[{"name":"c","limits":[1]}]}"#,
  ])
  func badSchemas(text: String) {
    #expect(throws: ForestError.self) { try TableSchema(json: Array(text.utf8)) }
  }

  @Test func whatStandsOut() throws {
    let read = try table("glucose,age,outcome\n148,40,1\n0,41,0\n20,9,0\n148,40,1\n148,40,0\n")
    let check = DataCheck(read, schema: try schema())
    #expect(check.rows == 5 && check.positives == 2 && check.duplicates == 1)
    #expect(check.columns[0].missing == 1 && check.columns[0].impossible == 1 && check.columns[1].impossible == 0)
    #expect(check.columns[0].minimum == 20 && check.columns[0].median == 148 && check.columns[0].maximum == 148)
  }
}
