import Query
import Testing

/// Errors point at their place in the text.
@Suite struct ErrorTests {
  @Test(arguments: [
    (
      "select hart_rate from (values (1)) t(heart_rate)",
      """
      no column is called "hart_rate" – did you mean "heart_rate"?
        select hart_rate from (values (1)) t(heart_rate)
               ^^^^^^^^^
      """
    ),
    (
      "select 1 +\n  from t",
      """
      there is "from" where a name is expected
          from t
          ^^^^
      """
    ),
    (
      "select x, count(*) from range(3) t(x)",
      """
      a column stands here that is neither grouped by nor within an aggregate – add it to GROUP BY, or take any_value(…)
        select x, count(*) from range(3) t(x)
               ^
      """
    ),
    (
      "select sum(sum(x)) from range(3) t(x)",
      """
      no aggregate is allowed within another
        select sum(sum(x)) from range(3) t(x)
                   ^^^^^^
      """
    ),
    (
      "select frobnicate(1)",
      """
      not supported: the function "frobnicate"
        select frobnicate(1)
               ^^^^^^^^^^
      """
    ),
    (
      "select 'a",
      """
      a quote without end
        select 'a
               ^
      """
    ),
  ]) func messages(_ sql: String, _ expected: String) async {
    #expect(await failure(sql) == expected)
  }

  @Test(arguments: [
    "", "select", "select 1 1 1", "select * from", "select (1", "selec 1", "select 1 group", "select case end",
    "select 1 from range(3) where", "select 1e999", "select count(distinct) from range(1)",
    "select * exclude (z) from range(1)",
    "select a.b.c.d", "select 1 limit -1", "select 1 limit 'x'", "with x as (select 1) select * from y",
    "select sum(*)",
    "select 1 union select 1, 2", "select rank()", "select sum(1) over w",
    "select \u{0}", "select date '2020-13-01'", "select interval 'x'", "values (1), (1, 2)", "select ~1.5",
    "select -'a'",
  ]) func refusals(_ sql: String) async {
    #expect(await !failure(sql).hasPrefix("no failure"))
  }

  @Test(arguments: ["(", "not ", "- ", "case when ", "(select ", "1 + "])
  func deepNestingEndsInAnError(_ piece: String) async {
    #expect(await failure("select " + String(repeating: piece, count: 20_000) + "1").contains("levels"))
  }

  @Test func endlessChainsEndInAnError() async {
    #expect(await failure("select 1" + String(repeating: " + 1", count: 5_000)).contains("levels"))
    // Conditions are lists, not trees, and may be long.
    let sql = "select true" + String(repeating: " and true", count: 5_000)
    #expect(await failure(sql) == "no failure: true")
  }
}
