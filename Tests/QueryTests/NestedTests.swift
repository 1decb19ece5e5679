import Testing

/// Lists and structures: written out, taken apart, made into rows.
@Suite struct NestedTests {
  @Test(arguments: [
    ("select [1, 2, NULL]", "[1, 2, NULL]"), ("select [1, 2.5][2]", "2.5"), ("select ['a', 'b'][-1]", "b"),
    ("select [1][2]", "NULL"), ("select len([1, 2, 3])", "3"), ("select len([])", "0"),
    ("select list_value(x, x * 2) from range(2) t(x)", "[0, 0]\n[1, 2]"),
    ("select [[1], [2, 3]][2][1]", "2"), ("select {'a': 1, 'b': 'x'}", "{1, x}"),
    ("select {'a': 1, b: 'x'}.b", "x"), ("select s.n from (select {'n': x + 1} as s from range(2) t(x))", "1\n2"),
    ("select typeof([1, 2]), typeof({'a': 1})", "INTEGER[]|STRUCT(\"a\" INTEGER)"),
    ("select [x, NULL] from (values ('p'), ('q')) t(x)", "[p, NULL]\n[q, NULL]"),
    ("select [{'a': 1}, {'a': 2}][2].a", "2"),
  ]) func literals(_ sql: String, _ expected: String) async throws {
    #expect(try await asked(sql) == expected)
  }

  @Test(arguments: [
    ("select unnest([1, 2, 3])", "1\n2\n3"),
    ("select x, unnest([x, x * 10]) from range(2) t(x)", "0|0\n0|0\n1|1\n1|10"),
    ("select * from unnest(['a', 'b'])", "a\nb"), ("select v + 1 from unnest([1, 2]) u(v)", "2\n3"),
    ("select x, v from range(3) t(x), unnest([x, x + 1]) u(v) where v > 1", "1|2\n2|2\n2|3"),
    ("select u.unnest from range(1) t(x) cross join unnest([7]) u", "7"),
    ("select unnest(l) from (values (1)) t(x), (select [] as l) s", ""),
    ("select sum(v) from (select unnest([1, 2, 3]) as v)", "6"),
    ("select g, unnest([count(*), 0]) from (values ('a'), ('a')) t(g) group by g", "a|2\na|0"),
    ("select unnest([3, 1, 2]) as v order by v limit 2", "1\n2"),
    ("select max(v) from range(3000) t(x), unnest([x, -x]) u(v)", "2999"),
  ]) func rows(_ sql: String, _ expected: String) async throws {
    #expect(try await asked(sql) == expected)
  }

  @Test(arguments: [
    "select unnest(1)", "select 1 where unnest([1]) = 1", "select unnest([1]), unnest([2])", "select sum(unnest([1]))",
    "select {'a': 1, 'a': 2}", "select {'a': 1}.b",
    "select * from unnest([1], [2])", "select unnest()", "select {1: 2}", "select {'a' 1}", "select [1",
  ]) func refusals(_ sql: String) async {
    #expect(await !failure(sql).hasPrefix("no failure"))
  }
}
