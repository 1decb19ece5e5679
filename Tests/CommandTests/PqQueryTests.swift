import CommandSupport
import Foundation
import Testing

@Suite struct PqQueryTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try folder.write(SampleFiles.readings(), to: "readings.parquet")
  }

  private func query(_ arguments: String...) throws -> CommandRun {
    try CommandRun.run("pq-query", arguments, in: folder.root)
  }

  @Test func rows() throws {
    let run = try query("select count(*) as n, 1 + 1 as two from 'readings.parquet' where 1 = 0", "--format", "csv")
    #expect(run.status == 0 && run.errors.isEmpty)
    #expect(run.output == "n,two\n0,2\n" || run.output == "n,two\r\n0,2\r\n")
  }

  /// The line feeds of a message once came out escaped, so that the caret pointed at nothing.
  @Test func aCaretStandsUnderTheError() throws {
    let run = try query("select 1 +")
    #expect(run.status == ExitStatus.usage.rawValue && run.output.isEmpty)
    #expect(
      run.errors == """
        pq-query: the text ends where an expression is expected
          select 1 +
                    ^

        """)
  }

  /// A name in the statement commands no terminal.
  @Test func controlCharactersAreEscaped() throws {
    let run = try query("select 1 from 'no\u{1B}[2Jfile.parquet'")
    #expect(run.status != 0 && !run.errors.contains("\u{1B}"))
  }

  /// Once the end of standard input was an error in an empty text.
  @Test func nothingAsked() throws {
    let run = try query()
    #expect(run.status == ExitStatus.usage.rawValue && run.output.isEmpty)
    #expect(run.errors == "pq-query: there is no statement – pq-query \"select …\", --file, or standard input\n")
  }

  /// Statements of one run share a session.
  @Test func severalStatements() throws {
    let text = "create view v as select 1 as a;\n-- a note; with a semicolon\nselect a + 1 as b from v;"
    let run = try CommandRun.run(
      "pq-query", ["--format", "ndjson"], in: folder.root, input: Data(text.utf8))
    #expect(run.errors.isEmpty)
    #expect(run.output == "{\"b\":2}\n")
  }

  @Test func copiesWriteWholeFilesAndReplaceNone() throws {
    let copy = "copy (select 1 as a union all select 2) to 'out.parquet'"
    #expect(try query(copy, "--format", "ndjson").output == "{\"count\":2}\n")
    let again = try query(copy)
    #expect(again.status == 1 && again.errors.contains("out.parquet: there is a file of this name"))
    #expect(try query("\(copy) (overwrite)").status == 0)
    #expect(try query("copy (select 1 // (x - 4) as a from range(9) t(x)) to 'bad.parquet'").status == 1)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.root.path)
    #expect(names.sorted() == ["out.parquet", "readings.parquet"])
    #expect(try query("select sum(a) as s from 'out.parquet'", "--format", "ndjson").output == "{\"s\":3}\n")
  }

  @Test func csvFiles() throws {
    try folder.write(Array("id;name\n1;a\n2;b\n".utf8), to: "t.csv")
    let run = try query("select name from 't.csv' where id = 2", "--format", "ndjson")
    #expect(run.output == "{\"name\":\"b\"}\n")
  }

  @Test func charts() throws {
    let run = try query("select 'a' as k, 2 as n union all select 'b', 1 order by 1", "--chart", "bar")
    let lines = run.output.split(separator: "\n")
    #expect(lines.count == 3 && lines[0] == "n" && lines[1].hasPrefix("a ██") && lines[2].hasSuffix("█ 1"))
    #expect(try query("select 'a' as k", "--chart", "line").status == ExitStatus.usage.rawValue)
  }
}
