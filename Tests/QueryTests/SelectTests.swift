import Query
import Testing

private let rows = "(values (1, 'a', 10.5), (2, 'b', NULL), (3, 'a', 7.25), (NULL, 'c', 1.0)) t(k, g, v)"

/// Whole queries over rows that they bring along.
@Suite struct SelectTests {
  @Test(arguments: [
    ("select * from \(rows) order by k", "1|a|10.50\n2|b|NULL\n3|a|7.25\nNULL|c|1.00"),
    ("select * exclude (v) from \(rows) where g = 'a'", "1|a\n3|a"),
    ("select k + 1 as n from \(rows) where n > 2 order by n desc", "4\n3"),
    ("select g, count(*), sum(k) from \(rows) group by g order by g", "a|2|4\nb|1|2\nc|1|NULL"),
    ("select g, count(*) c from \(rows) group by all having c > 1", "a|2"),
    ("select coalesce(1, 2), 'x', count(*) from \(rows) where false group by all", "1|x|0"),
    ("select upper(g), max(v) from \(rows) group by 1 order by 2 desc nulls last", "A|10.50\nC|1.00\nB|NULL"),
    ("select distinct g from \(rows) order by g limit 2 offset 1", "b\nc"),
    ("select count(*), count(k), count(distinct g), min(g), max(k) from \(rows)", "4|3|3|a|3"),
    ("select sum(v), avg(k), median(k) from \(rows)", "18.75|2.0|2.0"),
    ("select sum(k) filter (where g = 'a') from \(rows)", "4"),
    ("select count(*) from \(rows) where false", "0"), ("select sum(k) from \(rows) where false", "NULL"),
    ("select g from \(rows) where k in (select max(k) from \(rows))", "a"),
    ("select (select max(k) from \(rows)) + 1", "4"), ("select exists (select 1 from \(rows) where k = 9)", "false"),
    ("with x as (select k from \(rows)) select count(k) from x", "3"),
    ("select 1 union all select 2 order by 1 desc", "2\n1"), ("select 1 union select 1", "1"),
    ("select 1 union all select 2.5", "1.0\n2.5"), ("from \(rows) select max(g)", "c"),
    ("select arg_max(g, v), arg_min(g, v), string_agg(g, '-') from \(rows)", "a|c|a-b-a-c"),
    ("select stddev(k), var_pop(k), quantile_disc(k, 0.5) from \(rows)", "1.0|0.6666666666666666|2"),
    ("select bool_and(k > 0), bool_or(k > 2), count_if(k > 1) from \(rows)", "true|true|2"),
    ("select k from \(rows) order by all desc", "3\n2\n1\nNULL"),
    ("select k from \(rows) order by k nulls first limit 1", "NULL"),
  ]) func queries(_ sql: String, _ expected: String) async throws {
    #expect(try await asked(sql) == expected)
  }

  @Test(arguments: [
    ("select a.k, b.g from \(rows) join (values (1, 'x'), (3, 'y'), (3, 'z')) b(k, g) on t.k = b.k", "")
  ]) func unknownTable(_ sql: String, _: String) async {
    #expect(await failure(sql).contains("no column is called \"a\""))
  }

  @Test(arguments: [
    (
      "select t.k, b.g from \(rows) join (values (1, 'x'), (3, 'y'), (3, 'z')) b(k, g) on t.k = b.k order by all",
      "1|x\n3|y\n3|z"
    ),
    ("select k, b.g from \(rows) join (values (1, 'x')) b(k, g) using (k)", "1|x"),
    (
      "select t.k, b.g from \(rows) left join (values (1, 'x')) b(k, g) on t.k = b.k order by 1",
      "1|x\n2|NULL\n3|NULL\nNULL|NULL"
    ),
    ("select count(*) from \(rows), range(3)", "12"),
    (
      "select t.k, b.x from \(rows) asof join (values (0, 'p'), (2, 'q')) b(k, x) on t.k >= b.k order by 1",
      "1|p\n2|q\n3|q"
    ),
    ("select t.k from \(rows) semi join (values (1), (NULL)) b(k) on t.k = b.k", "1"),
  ]) func joins(_ sql: String, _ expected: String) async throws {
    #expect(try await asked(sql) == expected)
  }

  @Test(arguments: [
    ("select k, row_number() over (order by k desc) from \(rows) order by k", "1|3\n2|2\n3|1\nNULL|4"),
    ("select k, sum(k) over (partition by g order by k) s from \(rows) order by k", "1|1\n2|2\n3|4\nNULL|NULL"),
    ("select x, sum(x) over (order by x) from (values (1), (1), (2)) t(x)", "1|2\n1|2\n2|4"),
    (
      "select x, sum(x) over (order by x rows between 1 preceding and current row) from range(4) t(x)",
      "0|0\n1|1\n2|3\n3|5"
    ),
    (
      "select x, lag(x) over (order by x), lead(x, 1, 9) over (order by x) from range(3) t(x)", "0|NULL|1\n1|0|2\n2|1|9"
    ),
    (
      "select x, rank() over (order by x), dense_rank() over (order by x) from (values (1), (1), (2)) t(x)",
      "1|1|1\n1|1|1\n2|3|2"
    ),
    ("select g from \(rows) qualify row_number() over (order by v desc) = 1", "a"),
    (
      "select x, max(x) over (order by x rows between 1 following and 2 following) from range(3) t(x)",
      "0|2\n1|2\n2|NULL"
    ),
  ]) func windows(_ sql: String, _ expected: String) async throws {
    #expect(try await asked(sql) == expected)
  }

  @Test func viewsLastForTheSession() async throws {
    let session = QuerySession(catalog: NoTables())
    _ = try await asked("create view w as select x * 2 as y from range(3) t(x)", session)
    #expect(try await asked("select sum(y) from w", session) == "6")
    _ = try await asked("drop view w", session)
    await #expect(throws: QueryError.self) { try await asked("select * from w", session) }
  }

  @Test func descriptions() async throws {
    #expect(try await asked("describe select 1 as a, 'x' as b") == "a|INTEGER\nb|VARCHAR")
  }

  /// The table of pairs was made for the pairs at hand, and had no room for those that it knew: the command crashed.
  @Test("groups of two keys, of which the second gets new values where the first has small numbers", arguments: [1, 2])
  func growingPairs(threads: Int) async throws {
    for (first, second) in [(5_000, 3_000), (300, 1_000)] {
      let sql = """
        select count(*), sum(n) from (select x, y, count(*) from (select \
        case when i < 100000 then i % \(first) else i % 10 end, case when i < 100000 then 0 else i % \(second) end \
        from range(200000) t(i)) r(x, y) group by x, y) g(x, y, n)
        """
      let session = QuerySession(catalog: MemoryCatalog(), options: QueryOptions(threads: threads))
      // The pair of two zeros is in both halves.
      #expect(try await asked(sql, session) == "\(first + second - 1)|200000")
    }
  }
}
