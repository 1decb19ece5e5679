import Query
import Testing

/// Queries that need not read all rows give what reading all of them gives, and read less.
@Suite("Reading less")
struct PruningTests {
  /// A file of several row groups: `id` rises, `ward` is one of few, `value` is null now and then.
  private func catalog() async throws -> MemoryCatalog {
    let catalog = MemoryCatalog()
    let session = QuerySession(catalog: catalog)
    try await session.run(
      """
      copy (select i as id, 'W' || (i % 40) as ward, \
      case when i % 7 = 0 then null else cast(i % 1000 as int) end as value, \
      'w' || (hash(i) % 40) as word, timestamp '2026-01-01' + interval 1 second * i as moment from range(200000) t(i)) \
      to 't.parquet' (row_group_size 50000)
      """
    ) { _ in }
    return catalog
  }

  /// The text of the rows, and the bytes that were read.
  private func run(_ sql: String) async throws -> (text: String, bytes: Int64) {
    let session = QuerySession(catalog: try await catalog(), options: QueryOptions(threads: 2))
    return (try await asked(sql, session), try await session.run(sql) { _ in }.bytesRead)
  }

  @Test("footers answer what they can, and the table is read for the rest")
  func footers() async throws {
    let known = try await run("select count(*), min(id), max(moment), count(value) from 't.parquet'")
    #expect(known.text == "200000|0|1767425599000000|171428")
    let both = try await run("select min(id), sum(value), max(value), avg(id), count(*) from 't.parquet'")
    #expect(both.text == "0|85628858|999|99999.5|200000")
    #expect(known.bytes < both.bytes)
  }

  @Test("distinct words are known before all rows are read")
  func distinctWords() async throws {
    #expect(try await run("select count(distinct word), max(word) from 't.parquet'").text == "40|w9")
    #expect(try await run("select count(word || ''), count(distinct word) from 't.parquet'").text == "200000|40")
    #expect(try await run("select ward from 't.parquet' group by 1 order by 1 limit 2").text == "W0\nW1")
    // How often a word occurs matters here.
    #expect(try await run("select ward, count(*) from 't.parquet' group by 1 order by 1 limit 1").text == "W0|5000")
  }

  /// Joining what two threads had found, the key of the order was left behind, and the command crashed.
  @Test("distinct values keep their order, whichever threads find them")
  func distinctInOrder() async throws {
    let words = (0..<40).map { "W\($0)" }.sorted().joined(separator: " ")
    #expect(try await run("select string_agg(distinct ward, ' ' order by ward) from 't.parquet'").text == words)
    let last = try await run("select arg_max(distinct id, moment), count(distinct word) from 't.parquet'")
    #expect(last.text == "199999|40")
  }

  @Test("what a filter leaves is read of other columns")
  func lateColumns() async throws {
    #expect(try await run("select ward, moment from 't.parquet' where id = 150001").text == "W1|1767375601000000")
    let two = try await run("select count(*), sum(id) from 't.parquet' where value = 999 and ward = 'W39'")
    #expect(two.text == "172|17285828")
    #expect(
      try await run("select id, ward from 't.parquet' where value > 990 order by moment desc limit 2").text
        == "199999|W39\n199998|W38")
    #expect(
      try await run("select file_row_number, id from 't.parquet' where id in (3, 70000, 199999) order by 1").text
        == "3|3\n70000|70000\n199999|199999")
  }

  @Test("the first of an order", arguments: ["desc", "asc"])
  func firsts(direction: String) async throws {
    let (text, _) = try await run("select value, id from 't.parquet' order by value \(direction), id limit 3")
    let slow = try await run(
      "select value, id from (select value + 0 as value, id from 't.parquet') order by 1 \(direction), 2 limit 3")
    #expect(text == slow.text)
  }

  /// What is no number is the greatest of all, and no bound of a file counts it.
  @Test("the first by numbers with fractions", arguments: ["desc", "asc"], ["double", "float"])
  func firstsOfFractions(direction: String, type: String) async throws {
    let catalog = MemoryCatalog()
    let session = QuerySession(catalog: catalog, options: QueryOptions(threads: 2))
    try await session.run(
      """
      copy (select i, cast(case when i % 60000 = 7 then 'nan' when i % 70000 = 9 then '-inf' when i % 9 = 0 then null \
      else cast(i * 7919 % 100003 / 7 as varchar) end as \(type)) as x from range(150000) t(i)) to 'f.parquet' \
      (row_group_size 30000)
      """
    ) { _ in }
    for limit in [1, 3, 200, 60_000] {
      let fast = try await asked("select x, i from 'f.parquet' order by x \(direction), i limit \(limit)", session)
      let slow = try await asked(
        "select x, i from (select x + 0 as x, i from 'f.parquet') order by 1 \(direction), 2 limit \(limit)", session)
      #expect(fast == slow)
    }
    let first = try await asked("select x, i from 'f.parquet' order by x \(direction), i limit 2", session)
    #expect(first == (direction == "desc" ? "nan|7\nnan|60007" : "-inf|9\n-inf|70009"))
  }
}
