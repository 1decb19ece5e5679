import CommandSupport
import Foundation
import Testing

/// The habits that all commands share.
@Suite struct EveryCommandTests {
  @Test(arguments: CommandRun.all) func helpIsAsExpected(_ command: String) throws {
    let run = try CommandRun.run(command, ["--help"])
    #expect(run.status == 0 && run.errors.isEmpty)
    try Golden.expect(run.output, is: "help/\(command).txt")
  }

  @Test func noHelpIsLeftOver() throws {
    #expect(try Golden.names(in: "help") == CommandRun.all.map { "\($0).txt" })
  }

  @Test(arguments: CommandRun.all) func versionIsTheProducts(_ command: String) throws {
    let run = try CommandRun.run(command, ["--version"])
    #expect(run.status == 0 && run.errors.isEmpty)
    #expect(run.output == "\(ProductVersion.current)\n")
  }

  @Test(arguments: CommandRun.all) func anUnknownOptionIsAUsageError(_ command: String) throws {
    let run = try CommandRun.run(command, ["--no-such-option"])
    #expect(run.status == 64 && run.output.isEmpty)
    #expect(run.errors.hasPrefix("Error: "))
  }
}
