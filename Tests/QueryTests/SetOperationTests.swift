import Testing

private let left = "(values (1), (1), (1), (2), (NULL), (NULL)) t(x)"
private let right = "(values (1), (1), (3), (NULL)) u(x)"

/// `UNION`, `INTERSECT` and `EXCEPT`, in which nulls are equal.
@Suite struct SetOperationTests {
  @Test(arguments: [
    ("select x from \(left) intersect select x from \(right) order by 1", "1\nNULL"),
    ("select x from \(left) intersect all select x from \(right) order by 1", "1\n1\nNULL"),
    ("select x from \(left) except select x from \(right) order by 1", "2"),
    ("select x from \(left) except all select x from \(right) order by 1", "1\n2\nNULL"),
    ("select x from \(right) except distinct select x from \(left)", "3"),
    // INTERSECT binds tighter than UNION and EXCEPT.
    ("select 1 union select 2 intersect select 2 order by 1", "1\n2"),
    ("(select 1 union select 2) intersect select 2 order by 1", "2"),
    ("select 1 except select 1 union select 3", "3"),
    ("select x, 'a' from \(left) intersect select x::double, 'a' from \(right) order by 1", "1.0|a\nNULL|a"),
    ("select count(*) from (select x from \(left) except select x from \(right)) d", "1"),
  ]) func rows(_ sql: String, _ expected: String) async throws {
    #expect(try await asked(sql) == expected)
  }

  @Test func countsMustAgree() async {
    #expect(await failure("select 1 intersect select 1, 2").contains("INTERSECT of 1 and 2 columns"))
  }

  @Test(arguments: [
    ("select distinct on (x % 2) x from range(6) t(x) order by x % 2, x desc", "4\n5"),
    ("select distinct on (g) g, v from (values ('a', 1), ('b', 5), ('a', 3)) t(g, v) order by g, v desc", "a|3\nb|5"),
    ("select distinct on (1) g, v from (values ('a', 1), ('b', 5), ('a', 3)) t(g, v) order by 1, 2 limit 1", "a|1"),
    ("select distinct on (g) v from (values ('a', 1), (NULL, 5), (NULL, 3)) t(g, v) order by v", "1\n3"),
    (
      "select distinct on (g) g, sum(v) from (values ('a', 1), ('b', 5), ('a', 3)) t(g, v) group by all order by all",
      "a|4\nb|5"
    ),
  ]) func distinctOn(_ sql: String, _ expected: String) async throws {
    #expect(try await asked(sql) == expected)
  }
}
