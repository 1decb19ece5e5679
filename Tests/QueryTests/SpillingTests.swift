import Columnar
import Query
import Testing

/// Queries over more rows than may be in memory give the same as over few: what does not fit is laid aside on disk.
@Suite("Laying aside")
struct SpillingTests {
  private func session(_ megabytes: Int, threads: Int = 2) -> QuerySession {
    var options = QueryOptions(threads: threads)
    options.memoryLimit = megabytes << 20
    return QuerySession(catalog: MemoryCatalog(), options: options)
  }

  /// The same by little memory as by much, and never more than may be.
  private func expectSame(_ sql: String, megabytes: Int) async throws {
    let expected = try await asked(sql, session(4_096))
    #expect(try await asked(sql, session(megabytes)) == expected)
    let result = try await session(megabytes).run(sql) { _ in }
    #expect(result.peakMemory <= megabytes << 20)
  }

  @Test("a million groups within 256 MB")
  func millionGroups() async throws {
    let sql = """
      select count(*), sum(n), sum(s), max(hi), min(lo) from (select i % 1000000 as k, count(*) as n, sum(i) as s, \
      avg(i) as mean, max(i) as hi, min(i) as lo from range(3000000) t(i) group by 1) g
      """
    let session = session(256)
    #expect(try await asked(sql, session) == "1000000|3000000|4499998500000|2999999|0")
    #expect(try await session.run(sql) { _ in }.peakMemory <= 256 << 20)
  }

  @Test(
    "groups that do not fit",
    arguments: [
      "sum(i), avg(i), min(i), max(i)", "count(distinct i % 7), median(i), stddev(i)",
      "string_agg(cast(i % 10 as varchar), ','), first(i), last(i)",
      "max(interval 1 day * (i % 40)), arg_max(i, -i), count(*) filter (where i % 3 = 0)",
      "sum(case when i % 5 = 0 then i end)",
    ])
  func groups(calls: String) async throws {
    try await expectSame(
      """
      select case when i % 50000 = 7 then null else 'key ' || (i % 50000) end as k, i % 2 = 0 as even, \(calls) \
      from range(200000) t(i) group by 1, 2 order by 1, 2
      """, megabytes: 10)
  }

  @Test(
    "sorting what does not fit",
    arguments: [
      "i desc", "i % 100, i", "(case when i % 9 = 0 then null else cast(i as varchar) end) nulls first, i",
      "cast(i % 1000 as decimal(10, 2)) desc, i desc",
    ])
  func sorts(keys: String) async throws {
    try await expectSame(
      """
      select * from (select i, 'text ' || i as t, [i, i + 1] as l, interval 1 day * (i % 3) as d \
      from range(250000) t(i)) r order by \(keys)
      """, megabytes: 40)
  }

  @Test("joins whose right side does not fit", arguments: ["inner", "left", "right", "full"])
  func joins(kind: String) async throws {
    try await expectSame(
      """
      select count(*), sum(a.i), sum(b.j), count(a.i), count(b.j), max(b.t) \
      from (select i, i * 3 as k from range(100000) t(i)) a \(kind) join \
      (select j, case when j % 11 = 0 then null else j * 2 end as k, 'text ' || j as t from range(150000) u(j)) b \
      on a.k = b.k
      """, megabytes: 8)
  }

  @Test("whether there is a partner, where partners do not fit", arguments: ["", "not "])
  func partners(negation: String) async throws {
    try await expectSame(
      """
      select count(*), sum(i) from range(100000) t(i) where \(negation)exists (select 1 from \
      (select j * 2 as k, 'text ' || j as t from range(150000) u(j)) b where b.k = i and b.t <> 'text 7')
      """, megabytes: 8)
  }

  @Test(
    "what cannot be laid aside ends with the reason",
    arguments: [
      "select max(s) from (select sum(i) over (order by i) as s from range(900000) t(i))",
      "select count(*) from range(10) a(i) join range(900000) b(j) on a.i > b.j",
      "select count(*) from range(10) a(i), range(900000) b(j)",
      "select count(*) from range(10) a(i) full join range(900000) b(j) on a.i > b.j",
      "select count(*) from range(10) a(i) where exists (select 1 from range(900000) b(j) where j > i)",
    ])
  func refusals(sql: String) async {
    let message = await failure(sql, session(4))
    #expect(message.hasPrefix("the query needs more memory than the limit of 4 MiB – raise the limit"))
  }

  /// A batch with more than 16 million pairs was once refused, and pairs below that were all in memory at once.
  @Test("rows with very many partners")
  func manyPartners() async throws {
    let all = try await asked("select count(*), sum(i), max(j) from range(60000) a(i), range(400) b(j)", session(64))
    #expect(all == "24000000|719988000000|399")
    let some = try await asked(
      "select count(*), count(j), max(j) from range(20000) a(i) left join range(2000) b(j) on i % 2 = 0 and j < i",
      session(64))
    #expect(some == "19009001|18999000|1999")
    try await expectSame(
      "select first(i), last(i), last(j) from (select i, j from range(3000) a(i), range(300) b(j)) order by 1",
      megabytes: 64)
  }
}
