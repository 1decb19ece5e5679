import Query
import Testing

/// What SQL has and this engine has not is called so, with its place.
@Suite struct RefusalTests {
  @Test(arguments: [
    "insert into t values (1)", "create table t as select 1", "set threads = 1", "pragma version", "attach 'x'",
    "pivot t on a", "select 1 group by rollup (1)", "select 1 group by grouping sets ((1), ())", "select 1 group by ()",
    "select columns(*) from range(1)", "select * rename (a as b) from range(1)", "select ? + 1", "select $1",
    "select list_transform([1], x -> x + 1)", "select 1 limit 10%", "select map {'a': 1}", "select 1 = any (select 1)",
    "select 'a' collate nocase", "select 'a' glob 'a*'", "select 'a' ^@ 'a'", "from range(1) tablesample 10%",
    "select * from range(1) a natural join range(1) b", "select * from range(1) a positional join range(1) b",
    "select * from range(1), lateral (select 1)", "with recursive t as (select 1) select * from t",
    "select timestamp '2026-01-01' at time zone 'Europe/Berlin'", "select [1, 2, 3][1:3:2]", "select row(1, 2)",
    "select (1, 2)", "select no_such_function(1)", "select json_extract('{}', '$.a')",
  ]) func words(_ sql: String) async {
    let message = await failure(sql)
    #expect(message.hasPrefix("not supported: ") && message.contains("^"), "\(message)")
  }

  @Test(
    "forms of functions that have words between their arguments",
    arguments: [
      ("position('b' in 'abc')", "2"), ("substring('abcdef' from 2 for 3)", "bcd"), ("substring('abc' from 2)", "bc"),
      ("substring('abc', 2, 1)", "b"), ("trim(both 'x' from 'xax')", "a"), ("trim(leading 'x' from 'xax')", "ax"),
      ("trim(trailing from ' a ')", " a"), ("trim(' a ')", "a"), ("trim('xax', 'x')", "a"), ("1 is unknown", "false"),
    ]) func forms(_ expression: String, _ expected: String) async throws
  {
    #expect(try await asked("select \(expression)") == expected)
  }

  @Test("several files, by names of columns")
  func severalFiles() async throws {
    let catalog = MemoryCatalog()
    let session = QuerySession(catalog: catalog)
    try await session.run("copy (select 1 as a, 'x' as b) to 'one.parquet'") { _ in }
    try await session.run("copy (select 'y' as b, 2.5 as a, true as c) to 'd/p=7/two.parquet'") { _ in }
    let both = "['one.parquet', 'd/p=7/two.parquet']"
    #expect(
      try await asked("select a, b, c from read_parquet(\(both), union_by_name = true) order by b", session)
        == "1.0|x|NULL\n2.5|y|true")
    #expect(
      try await asked(
        "select filename, a from read_parquet(['one.parquet', 'one.parquet'], filename = true)", session)
        == "one.parquet|1\none.parquet|1")
    #expect(try await asked("select * from read_parquet('d', hive_partitioning = false)", session) == "y|2.5|true")
    #expect(try await asked("select p from read_parquet('d')", session) == "7")
    #expect(
      await failure("select 1 from read_parquet('d', union_by_nam = true)", session)
        .contains("did you mean \"union_by_name\"?"))
  }
}
