import Query
import Testing

private let rows = "(values (1, 'a', 10), (2, 'a', 20), (2, 'a', NULL), (5, 'a', 40), (6, 'b', 50)) t(k, g, v)"

/// Window functions: frames of all kinds, named windows, rows passed over.
@Suite struct WindowTests {
  private func column(_ expression: String, _ clauses: String = "") async throws -> String {
    try await asked("select \(expression) as r from \(rows) \(clauses)").replacing("\n", with: " ")
  }

  @Test(arguments: [
    ("rows between 1 preceding and 1 following", "2 3 3 3 2"),
    ("rows between 1 following and 2 following", "2 2 2 1 0"),
    ("rows between 2 preceding and 1 preceding", "0 1 2 2 2"), ("groups 1 preceding", "1 3 3 3 2"),
    ("groups between 1 following and unbounded following", "4 2 2 1 0"),
    ("range between 1 preceding and current row", "1 3 3 1 2"),
    ("range between 1 following and 4 following", "3 2 2 1 0"),
    ("range between unbounded preceding and 1 preceding", "0 1 1 3 4"),
    ("rows between unbounded preceding and unbounded following exclude current row", "4 4 4 4 4"),
    ("range between unbounded preceding and current row exclude group", "0 1 1 3 4"),
    ("range between unbounded preceding and current row exclude ties", "1 2 2 4 5"),
    ("rows between current row and current row exclude no others", "1 1 1 1 1"),
    ("rows between 1 following and 1 preceding", "0 0 0 0 0"),
  ]) func frames(_ frame: String, _ expected: String) async throws {
    #expect(try await column("count(*) over (order by k \(frame))") == expected)
  }

  @Test("a distance follows the direction of the order, and nulls are peers of each other")
  func distances() async throws {
    #expect(try await column("sum(k) over (order by k desc range 1 preceding)", "order by k") == "5 4 4 11 6")
    #expect(try await column("count(*) over (order by v range between 10 preceding and 10 following)") == "2 2 1 2 2")
    #expect(
      try await asked(
        "select count(*) over (order by d range between interval 1 day preceding and current row) from (values "
          + "(date '2026-01-01'), (date '2026-01-02'), (date '2026-01-04')) t(d)") == "1\n2\n1")
  }

  @Test(arguments: [
    ("lag(v ignore nulls) over (order by k, v)", "NULL 10 20 20 40"),
    ("lead(v, 1, -1) ignore nulls over (order by k, v)", "20 40 40 50 -1"),
    ("first_value(v ignore nulls) over (order by k desc, v nulls first)", "50 50 50 50 50"),
    ("last_value(v ignore nulls) over (order by k, v rows unbounded preceding)", "10 20 20 40 50"),
    ("nth_value(v, 3 ignore nulls) over (order by k, v rows unbounded preceding)", "NULL NULL NULL 40 40"),
    ("last_value(v respect nulls) over (order by k, v nulls last rows unbounded preceding)", "10 20 NULL 40 50"),
  ]) func missing(_ call: String, _ expected: String) async throws {
    #expect(try await column(call, "order by k, v") == expected)
  }

  @Test("aggregates of all kinds over windows")
  func aggregates() async throws {
    #expect(
      try await column("median(v) over (order by k, v rows 2 preceding)", "order by k, v") == "10.0 15.0 15.0 30.0 45.0"
    )
    #expect(try await column("count(distinct k) over (partition by g)") == "3 3 3 3 1")
    #expect(try await column("sum(v) filter (where k > 1) over (order by k)") == "NULL 20 20 60 110")
    #expect(try await column("string_agg(g, '') over (order by k groups 1 preceding)") == "a aaa aaa aaa ab")
    #expect(try await column("round(var_pop(k) over (partition by g), 6)") == "2.25 2.25 2.25 2.25 0.0")
    #expect(try await column("max(v) over (order by k rows 1 preceding exclude current row)") == "NULL 10 20 NULL 40")
  }

  /// Texts that repeat in each row once came to more than memory could number, and the command crashed.
  @Test("texts that grow beyond bounds are refused")
  func longTexts() async {
    let long = "select string_agg(repeat('x', 1000), '') over () from range(40000)"
    #expect(await failure(long).contains("more than 1 GiB"))
  }

  @Test("named windows")
  func names() async throws {
    #expect(try await column("sum(k) over w", "window w as (partition by g order by k)") == "1 5 5 10 6")
    #expect(try await column("sum(k) over (w order by k)", "window w as (partition by g)") == "1 5 5 10 6")
    #expect(
      try await column("sum(k) over (b rows 1 preceding)", "window a as (partition by g), b as (a order by k)")
        == "1 3 4 7 6")
    #expect(
      await failure("select sum(k) over x from \(rows) window xy as (order by k)")
        .contains("no window is called \"x\" – did you mean \"xy\"?"))
    #expect(
      await failure("select sum(k) over (w partition by g) from \(rows) window w as (order by k)")
        .contains("changes what that one says"))
  }

  @Test(arguments: [
    ("range 1 preceding", "needs one key"), ("rows -1 preceding", "not supported: negative distances"),
    ("rows k preceding", "not supported: distances of frames that are no constants"),
    ("rows 1.5 preceding", "takes a whole number"),
  ]) func refusals(_ frame: String, _ message: String) async {
    #expect(await failure("select sum(k) over (order by k, v \(frame)) from \(rows)").contains(message))
  }
}
