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
}
