import Query
import Synchronization
import Testing

/// Statements beside queries: `SUMMARIZE`, `COPY`.
@Suite struct StatementTests {
  @Test func summaries() async throws {
    let sql = """
      summarize select * from (values (1, 'b', 1.5, date '2026-01-01'), (2, NULL, NULL, date '2026-01-03'),
        (3, 'a', 2.5, NULL)) t(n, s, v, d)
      """
    let expected = """
      n|INTEGER|1|3|3|2.0|1.0|1.0|2.0|3.0|3|0.0
      s|VARCHAR|a|b|2|NULL|NULL|NULL|NULL|NULL|3|33.33
      v|DECIMAL(2,1)|1.5|2.5|2|2.0|0.7071067811865476|1.5|1.5|2.5|3|33.33
      d|DATE|2026-01-01|2026-01-03|2|NULL|NULL|2026-01-01 00:00:00|2026-01-01 00:00:00|2026-01-03 00:00:00|3|33.33
      """
    #expect(try await asked(sql) == expected)
  }

  /// Nested columns, columns of nothing, infinite numbers and tables without rows have a summary as well.
  @Test(arguments: [
    (
      "summarize select [1, 2] as l, NULL as n",
      "l|INTEGER[]|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|1|0.0\n"
        + "n|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|1|100.0"
    ),
    ("summarize select 'inf'::double as x", "x|DOUBLE|inf|inf|1|inf|NULL|inf|inf|inf|1|0.0"),
    ("summarize select x from range(3) t(x) where x > 5", "x|BIGINT|NULL|NULL|0|NULL|NULL|NULL|NULL|NULL|0|0.0"),
  ]) func summariesOfLittle(_ sql: String, _ expected: String) async throws {
    #expect(try await asked(sql) == expected)
  }

  /// HyperLogLog counts a hundred thousand values to a few in a hundred, and few values exactly.
  @Test func approximateCounts() async throws {
    #expect(try await asked("select approx_count_distinct(x % 200) from range(100000) t(x)") == "200")
    for expression in ["x", "x::varchar", "x::double / 3", "x::hugeint", "(x % 90000)::varchar || 'k'"] {
      let exact = expression.contains("%") ? 90_000.0 : 100_000.0
      let text = try await asked("select approx_count_distinct(\(expression)) from range(100000) t(x)")
      let error = abs((Double(text) ?? 0) - exact) / exact
      #expect(error < 0.1, "\(expression): \(text)")
    }
    let groups =
      "select g, approx_count_distinct(x) from (select x, x % 3 as g from range(900) t(x)) group by g order by g"
    #expect(
      try await asked("select g, d between 270 and 330 from (\(groups)) r(g, d) order by g") == "0|true\n1|true\n2|true"
    )
  }

  /// Texts are quoted where they must be; what is read back is what was written, nulls and empty texts included.
  @Test func copiesAsCSV() async throws {
    let catalog = MemoryCatalog()
    let session = QuerySession(catalog: catalog)
    let rows = """
      select * from (values (1, 'plain', 1.50, timestamp '2026-01-02 03:04:05'), (2, 'a "b", c', null, null), \
      (3, '', -0.25, timestamp '2026-01-02 03:04:05.5'), (4, null, 2.00, null)) t(n, s, d, m)
      """
    #expect(try await asked("copy (\(rows)) to 'o.csv'", session) == "4")
    #expect(
      String(decoding: catalog.content(of: "o.csv"), as: UTF8.self) == """
        n,s,d,m
        1,plain,1.50,2026-01-02 03:04:05
        2,"a ""b"", c",,
        3,"",-0.25,2026-01-02 03:04:05.5
        4,,2.00,

        """)
    let other = "copy (select 1 as a, 'x;y' as b) to 'p.txt' (format csv, header false, delimiter ';')"
    #expect(try await asked(other, session) == "1")
    #expect(String(decoding: catalog.content(of: "p.txt"), as: UTF8.self) == "1;\"x;y\"\n")
    #expect(try await asked("copy (select 1 as a where false) to 'q.csv'", session) == "0")
    #expect(String(decoding: catalog.content(of: "q.csv"), as: UTF8.self) == "a\n")
  }

  @Test func copies() async throws {
    let catalog = MemoryCatalog()
    let session = QuerySession(catalog: catalog)
    let source = "select x, 'p' || x as name, [x, NULL] as l, x / 4 as q, 1.25 as m from range(5000) t(x)"
    #expect(
      try await asked("copy (\(source)) to 'o.parquet' (compression zstd, row_group_size 1000)", session) == "5000")
    #expect(catalog.names == ["o.parquet"])
    let check = "select count(*), sum(x), max(name), sum(l[1]), count(l[2]), sum(q), sum(m) from"
    let expected = try await asked("\(check) (\(source))", session)
    #expect(try await asked("\(check) 'o.parquet'", session) == expected)
    #expect(try await asked("copy (select 1 as a where false) to 'empty.parquet'", session) == "0")
    #expect(try await asked("select count(*) from 'empty.parquet'", session) == "0")
  }

  /// A file that is there stays, unless it is said that it may go.
  @Test func copiesReplaceNothingUnasked() async throws {
    let catalog = MemoryCatalog()
    let session = QuerySession(catalog: catalog)
    _ = try await asked("copy (select 1 as a) to 'o.parquet'", session)
    await #expect(throws: QueryError.self) { try await asked("copy (select 2 as a) to 'o.parquet'", session) }
    #expect(try await asked("select a from 'o.parquet'", session) == "1")
    _ = try await asked("copy (select 2 as a) to 'o.parquet' (overwrite)", session)
    #expect(try await asked("select a from 'o.parquet'", session) == "2")
  }

  /// A query that fails half way leaves no file.
  @Test func failedCopiesLeaveNothing() async throws {
    let catalog = MemoryCatalog()
    let session = QuerySession(catalog: catalog)
    await #expect(throws: QueryError.self) {
      try await asked(
        "copy (select 1 // (x - 4000) as a from range(5000) t(x)) to 'o.parquet' (row_group_size 10)", session)
    }
    #expect(catalog.names == [])
    #expect(catalog.discarded.withLock { $0 } == 1)
  }

  @Test(arguments: [
    ("copy (select 1 as a, 2 as a) to 'x.parquet'", "two columns of the file would be called \"a\""),
    ("copy (select 1) to 'x.json'", "not supported: COPY to other files than Parquet and CSV"),
    ("copy (select 1) to 'x.csv' (delimiter '::')", "DELIMITER takes one character"),
    ("copy (select 1) to 'x.parquet' (colour red)", "not supported: the option colour of COPY"),
    ("copy (select 1) to 'x.parquet' (compression lzma)", "the compression is one of"),
    ("copy (select 1) to 'x.parquet'", "not supported: COPY to this place"),
  ]) func refusedCopies(_ sql: String, _ expected: String) async {
    #expect(await failure(sql).contains(expected))
  }
}
