import Testing

private let wards = "(values (1, 'a'), (2, 'b'), (2, 'c'), (NULL, 'n')) w(k, x)"
private let beds = "(values (2, 'p'), (2, 'q'), (3, 'r'), (NULL, 's')) b(k, y)"

/// Joins that keep the rows of the right side, and what filters do around them.
@Suite struct JoinTests {
  @Test(arguments: [
    (
      "select x, y from \(wards) right join \(beds) on w.k = b.k order by all",
      "b|p\nb|q\nc|p\nc|q\nNULL|r\nNULL|s"
    ),
    (
      "select x, y from \(wards) full join \(beds) on w.k = b.k order by all",
      "a|NULL\nb|p\nb|q\nc|p\nc|q\nn|NULL\nNULL|r\nNULL|s"
    ),
    ("select w.*, b.* from \(wards) right join \(beds) on w.k = b.k and x = 'b' and y = 'p' where w.k > 0", "2|b|2|p"),
    ("select x, y from \(wards) full outer join \(beds) on false order by all limit 2", "a|NULL\nb|NULL"),
    ("select count(*) from \(wards) full join (select * from \(beds) where false) b on w.k = b.k", "4"),
    ("select count(*) from (select * from \(wards) where false) w full join \(beds) on w.k = b.k", "4"),
    ("select x from \(wards) full join \(beds) on w.k = b.k where y = 'r'", "NULL"),
    // A condition on the right side alone does not cost the left side its rows.
    ("select x, y from \(wards) left join \(beds) on w.k = b.k and y = 'p' order by all", "a|NULL\nb|p\nc|p\nn|NULL"),
  ]) func keepingTheRightSide(_ sql: String, _ expected: String) async throws {
    #expect(try await asked(sql) == expected)
  }

  /// `USING` has one column for both sides; each side's own is still there under its table's name.
  @Test(arguments: [
    (
      "select * from \(wards) right join \(beds) using (k) order by all",
      "2|b|p\n2|b|q\n2|c|p\n2|c|q\n3|NULL|r\nNULL|NULL|s"
    ),
    (
      "select k, w.k, b.k, x, y from \(wards) full join \(beds) using (k) where x = 'a' or y = 'r' order by 1",
      "1|1|NULL|a|NULL\n3|NULL|3|NULL|r"
    ),
    (
      "select k from (values (1)) a(k) full join (values (2)) b(k) using (k) full join (values (3)) c(k) using (k) "
        + "order by 1",
      "1\n2\n3"
    ),
  ]) func using(_ sql: String, _ expected: String) async throws {
    #expect(try await asked(sql) == expected)
  }

  /// Tables between commas are joined by what `WHERE` says about them, not row by row.
  @Test func commasAndWhereMakeAJoin() async throws {
    let sql = "select count(*) from range(5000) a(x), range(5000) b(y) where a.x = b.y and b.y < 10 and a.x > 3"
    #expect(try await asked(sql) == "6")
    let plan = try await asked("explain \(sql)")
    #expect(plan.contains("inner join #0 = #0"))
    #expect(!plan.contains("cross join"))
  }

  @Test func joinsReadOnlyTheColumnsThatCount() async throws {
    let plan = try await asked(
      "explain select a.p from (select 1 as p, 2 as q) a join (select 1 as r, 2 as s) b on a.p = b.r")
    #expect(plan.contains("project 1\n"))
    #expect(!plan.contains("project 1, 2"))
  }

  @Test func refusals() async {
    let sql = "select * from \(wards) asof right join \(beds) on w.k >= b.k"
    #expect(await failure(sql).contains("not supported: ASOF joins that keep all rows on the right"))
  }
}
