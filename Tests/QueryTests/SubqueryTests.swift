import Testing

private let patients = "(values (1, 'a'), (2, 'b'), (3, NULL), (NULL, 'd')) p(id, w)"
private let readings = "(values (1, 80), (1, 95), (2, 60), (2, NULL), (4, 70), (NULL, 50)) r(id, hr)"

/// Queries in place of values that depend on the row of the query around.
@Suite struct SubqueryTests {
  @Test(arguments: [
    ("select id from \(patients) where exists (select 1 from \(readings) where r.id = p.id)", "1\n2"),
    ("select id from \(patients) where not exists (select 1 from \(readings) where r.id = p.id)", "3\nNULL"),
    ("select id from \(patients) where exists (select * from \(readings) where r.id = p.id and r.hr > p.id * 50)", "1"),
    (
      "select id, exists (select 1 from \(readings) where p.id = r.id) or w is null from \(patients)",
      "1|true\n2|true\n3|true\nNULL|false"
    ),
    // Beyond equality: unknown is not true.
    ("select id from \(patients) where not exists (select 1 from \(readings) where r.hr < p.id * 30)", "1\nNULL"),
    (
      "select id from \(patients) where exists (select r.hr from \(readings) where r.id = p.id group by r.hr "
        + "having count(*) > 0 and hr > 90)",
      "1"
    ),
  ]) func existence(_ sql: String, _ expected: String) async throws {
    #expect(try await asked(sql) == expected)
  }

  /// An aggregate over no rows has a value too: a count is 0.
  @Test(arguments: [
    (
      "select id, (select max(hr) from \(readings) where r.id = p.id) from \(patients)", "1|95\n2|60\n3|NULL\nNULL|NULL"
    ),
    ("select id, (select count(*) from \(readings) where r.id = p.id) from \(patients)", "1|2\n2|2\n3|0\nNULL|0"),
    ("select id, (select count(*) + 1 from \(readings) where r.id = p.id) from \(patients)", "1|3\n2|3\n3|1\nNULL|1"),
    (
      "select id, (select coalesce(sum(hr), -1) from \(readings) where r.id = p.id) from \(patients)",
      "1|175\n2|60\n3|-1\nNULL|-1"
    ),
    (
      "select id from \(patients) where id * 90 > (select avg(hr) from \(readings) where r.id = p.id) order by 1",
      "1\n2"
    ),
    ("select sum((select count(*) from \(readings) where r.id = p.id)) from \(patients)", "4"),
    (
      "select id, (select hr from \(readings) where r.id = p.id and hr < 90) from \(patients) where id < 3",
      "1|80\n2|60"
    ),
    (
      "select id, (select hr from \(readings) where r.id = p.id order by hr desc nulls last limit 1) from \(patients)",
      "1|95\n2|60\n3|NULL\nNULL|NULL"
    ),
    (
      "select id, (select hr from \(readings) where r.id = p.id order by hr nulls last limit 1 offset 1) "
        + "from \(patients)",
      "1|95\n2|NULL\n3|NULL\nNULL|NULL"
    ),
    (
      "select id from \(patients) order by (select max(hr) from \(readings) where r.id = p.id) nulls first, id limit 3",
      "3\nNULL\n2"
    ),
  ]) func values(_ sql: String, _ expected: String) async throws {
    #expect(try await asked(sql) == expected)
  }

  @Test(arguments: [
    ("select id from \(patients) where 60 in (select hr from \(readings) where r.id = p.id)", "2"),
    // 2 has a reading without a value, so that it is unknown whether 80 is none of them.
    ("select id from \(patients) where 80 not in (select hr from \(readings) where r.id = p.id)", "3\nNULL"),
    (
      "select id, 80 in (select hr from \(readings) where r.id = p.id) from \(patients)",
      "1|true\n2|NULL\n3|false\nNULL|false"
    ),
    (
      "select id, NULL in (select hr from \(readings) where r.id = p.id) from \(patients)",
      "1|NULL\n2|NULL\n3|false\nNULL|false"
    ),
    (
      "select id, 95 in (select max(hr) from \(readings) where r.id = p.id) from \(patients)",
      "1|true\n2|false\n3|NULL\nNULL|NULL"
    ),
    ("select id from \(patients) where 80 in (select hr from \(readings) where r.id = p.id and r.hr > p.id)", "1"),
  ]) func membership(_ sql: String, _ expected: String) async throws {
    #expect(try await asked(sql) == expected)
  }

  @Test func levelsWithinLevels() async throws {
    let sql = """
      select id from \(patients) where exists (
        select 1 from \(readings) where r.id = p.id and hr >= (
          select max(hr) from (values (1, 95), (2, 61)) m(id, hr) where m.id = r.id))
      """
    #expect(try await asked(sql) == "1")
  }

  @Test func onlyOneRow() async {
    let sql = "select (select hr from \(readings) where r.id = p.id) from \(patients)"
    #expect(await failure(sql).contains("more than one row"))
  }

  /// What is not carried out says so, and where.
  @Test(arguments: [
    "select (select max(hr + p.id) from \(readings) where r.id = p.id) from \(patients)",
    "select (select count(*) from \(readings) where r.id < p.id) from \(patients)",
    "select (select hr from (select * from \(readings) where r.id = p.id) s limit 1) from \(patients)",
    "select exists (select 1 from \(readings) where r.id = p.id union select 2) from \(patients)",
    "select exists (select max(hr) from \(readings) where r.id = p.id) from \(patients)",
    "select w, (select max(hr) from \(readings) where r.id = p.w) from \(patients) group by w",
    "select 1 from \(patients) where exists (select 1 from \(readings) where exists (select 1 where r.id = p.id))",
    "select (select distinct hr from \(readings) where r.id <> p.id) from \(patients)",
    "select (select hr from \(readings) where r.id < p.id limit 1) from \(patients)",
  ]) func refusals(_ sql: String) async {
    #expect(await failure(sql).contains("not supported:"))
  }
}
