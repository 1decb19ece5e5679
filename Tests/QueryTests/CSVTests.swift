import Columnar
import Query
import Storage
import Testing

/// CSV files as tables.
@Suite struct CSVTests {
  private func rows(_ text: String, _ options: String = "", _ list: String = "*") async throws -> String {
    let session = QuerySession(catalog: MemoryCatalog(["f.csv": text]))
    return try await asked("select \(list) from read_csv('f.csv'\(options))", session)
  }

  private func message(_ text: String, _ options: String = "") async -> String {
    do {
      return "no failure: \(try await rows(text, options))"
    } catch {
      return "\(error)"
    }
  }

  @Test(arguments: [
    ("id,name\n1,a\n2,b\n", "1|a\n2|b"),
    // CR LF, quotes, quotes in quotes, line ends in quotes, an empty text and a missing one.
    ("id,name\r\n1,\"a \"\"b\"\", c\"\r\n2,\"x\ny\"\r\n3,\"\"\r\n4,\r\n", "1|a \"b\", c\n2|x\ny\n3|\n4|NULL"),
    // The last line has no end; empty lines are none.
    ("id,v\n1,0.5\n\n2,1e3", "1|0.5\n2|1000.0"),
    ("\u{FEFF}id;v\n1;2\n", "1|2"), ("id\tv\n1\t2\n", "1|2"),
    // No line of names.
    ("1,x\n2,y\n", "1|x\n2|y"),
    // What begins with a zero is a name.
    ("code\n007\n010\n", "007\n010"),
    ("ok\ntrue\nFALSE\n", "true\nfalse"), ("day,x\n2026-01-31,1\n", "2026-01-31|1"),
    ("a\n\n1\n", "NULL\n1"),
  ]) func records(_ text: String, _ expected: String) async throws {
    #expect(try await rows(text) == expected)
  }

  @Test(arguments: [
    ("id,v\n1,2\n", ", header = false", "id|v\n1|2"), ("id,v\n1,2\n", ", all_varchar = true", "1|2"),
    ("a|b;c\n1|2;3\n", ", delim = ';'", "1|2|3"), ("a,b\n1,-\n", ", nullstr = '-'", "1|NULL"),
    ("a,b\n'x,y',2\n", ", quote = ''''", "x,y|2"), ("a,b\n1,2\n", ", header = true, sep = ','", "1|2"),
  ]) func options(_ text: String, _ options: String, _ expected: String) async throws {
    #expect(try await rows(text, options) == expected)
  }

  @Test func types() async throws {
    let text = "i,d,b,day,t,z,s\n1,1.5,true,2026-01-01,2026-01-01 10:00:00,2026-01-01T10:00:00Z,x\n,,,,,,\n"
    let session = QuerySession(catalog: MemoryCatalog(["f.csv": text]))
    #expect(
      try await asked("describe 'f.csv'", session)
        == "i|BIGINT\nd|DOUBLE\nb|BOOLEAN\nday|DATE\nt|TIMESTAMP\nz|TIMESTAMP WITH TIME ZONE\ns|VARCHAR")
    #expect(try await asked("select count(*), count(i), count(z) from 'f.csv'", session) == "2|1|1")
  }

  /// Each error says the file and the line, and none the value.
  @Test(arguments: [
    ("a,b\n1,2\n3\n", "", "f.csv: line 3: 1 fields, where the first line has 2"),
    ("a,b\n1,\"2\n", "", "f.csv: line 2: a quote without end"),
    ("a,b\n1,\"2\"3\n", "", "f.csv: line 2: text behind the quote that ends a field"),
    ("a\n1\nx\n", ", sample_size = 1", "f.csv: line 3, column \"a\": no BIGINT"),
    ("", "", "f.csv: no complete record"), ("a\n1\n", ", delim = 'xy'", "delim takes one character"),
    ("a\n1\n", ", header = 1", "header takes true or false"),
    ("a\n1\n", ", colour = 'red'", "not supported: the option colour"),
  ]) func errors(_ text: String, _ options: String, _ expected: String) async {
    #expect(await message(text, options).contains(expected))
  }

  /// Files larger than the piece that is read at once: records across the seams come out whole.
  @Test func pieces() async throws {
    var text = "id,word\n"
    for id in 0..<200_000 { text += "\(id),\"w\(id)\n,\"\"\"\n" }
    let session = QuerySession(catalog: MemoryCatalog(["f.csv": text]))
    let sql = "select count(*), sum(id), min(length(word)), count(distinct word) from 'f.csv'"
    #expect(try await asked(sql, session) == "200000|19999900000|5|200000")
    #expect(try await asked("select word from 'f.csv' where id = 123456", session) == "w123456\n,\"")
  }

  @Test func severalFiles() async throws {
    let catalog = MemoryCatalog(["t/ward=a/1.csv": "x,y\n1,2\n", "t/ward=b/2.csv": "x,y\n3,4\n"])
    let session = QuerySession(catalog: catalog)
    #expect(
      try await asked("select x, ward, filename from read_csv('t') order by x", session)
        == "1|a|t/ward=a/1.csv\n3|b|t/ward=b/2.csv")
    catalog.put("t/ward=c/3.csv", Array("x,z\n5,6\n".utf8))
    await #expect(throws: QueryError.self) { try await asked("select x from read_csv('t')", session) }
  }

  /// A quote that never ends must not take the whole of a large file into memory.
  @Test func endlessRecords() async {
    let text = "a\n1\n\"" + String(repeating: "x", count: 20 << 20)
    #expect(await message(text).contains("line 3: a record of more than 16 MiB"))
  }
}

/// Files of other partitions than those asked for are not opened.
@Suite struct PartitionTests {
  @Test func otherPartitionsAreNotRead() async throws {
    // The files of ward b are no CSV: reading them would fail.
    let catalog = MemoryCatalog(["t/ward=a/1.csv": "x\n1\n", "t/ward=b/2.csv": "x\n\"2", "t/ward=c/3.csv": "x\n3\n"])
    let session = QuerySession(catalog: catalog)
    #expect(try await asked("select x from read_csv('t') where ward = 'a'", session) == "1")
    #expect(try await asked("select x from read_csv('t') where ward in ('a', 'c') and x > 1", session) == "3")
    #expect(try await asked("select x from read_csv('t') where filename like '%3.csv'", session) == "3")
    await #expect(throws: QueryError.self) { try await asked("select x from read_csv('t') where ward > 'a'", session) }
  }

  @Test func otherPartitionsOfParquetAreNotRead() async throws {
    let catalog = MemoryCatalog()
    let session = QuerySession(catalog: catalog)
    _ = try await asked("copy (select x from range(3) t(x)) to 'p/day=2026-01-01/a.parquet'", session)
    catalog.put("p/day=2026-01-02/b.parquet", Array("no Parquet at all".utf8))
    #expect(
      try await asked("select sum(x), min(day) from 'p' where day < date '2026-01-02'", session) == "3|2026-01-01")
    await #expect(throws: (any Error).self) { try await asked("select sum(x) from 'p'", session) }
  }
}

/// Files that by a table's log cannot hold what is asked for are not opened.
@Suite struct LogStatisticsTests {
  /// Two files: one with the numbers 1 to 3, and one that cannot be read, of which the log says that it has 10 to 30.
  private struct Catalog: TableCatalog {
    let bytes: [UInt8]

    func table(at location: String) async throws -> TableSource {
      TableSource(
        files: [
          TableFile(name: "a", statistics: statistics(1, 3)) { BytesSource(bytes, name: "a") },
          TableFile(name: "b", statistics: statistics(10, 30)) { BytesSource([1, 2, 3], name: "b") },
        ], schema: Schema([Field("x", .int(bits: 64)), Field("s", .string)]))
    }

    private func statistics(_ low: Int, _ high: Int) -> String {
      """
      {"numRecords":3,"minValues":{"x":\(low),"s":"p\(low)"},"maxValues":{"x":\(high),"s":"p\(high)"},
      "nullCount":{"x":0,"s":0}}
      """
    }
  }

  private func session() async throws -> QuerySession {
    let memory = MemoryCatalog()
    let sql = "copy (select x + 1 as x, 'p' || (x + 1) as s from range(3) t(x)) to 'a'"
    _ = try await asked(sql, QuerySession(catalog: memory))
    return QuerySession(catalog: Catalog(bytes: memory.content(of: "a")))
  }

  @Test(arguments: [
    ("x < 10", "6"), ("x <= 9", "6"), ("10 > x", "6"), ("x = 2", "2"), ("x in (2, 3, 5)", "5"),
    ("x between 1 and 2", "3"),
    ("x < 5 and s > 'p0'", "6"), ("x = 1 or x = 3", "4"), ("s < 'p10'", "1"), ("x is null", "NULL"), ("x > 30", "NULL"),
    ("x + 0 > 0 and s = 'p1'", "1"),
  ]) func notOpened(_ condition: String, _ sum: String) async throws {
    #expect(try await asked("select sum(x) from 't' where \(condition)", try await session()) == sum)
  }

  @Test(arguments: ["x >= 30", "x <> 2", "x + 0 < 2", "x = 1 or s > 'p2'", "x is not null", "true"])
  func opened(_ condition: String) async throws {
    let session = try await session()
    await #expect(throws: (any Error).self) { try await asked("select sum(x) from 't' where \(condition)", session) }
  }
}
