import Foundation
import Testing

/// The commands that a reader of the documentation is told to type.
private let documents = ["README.md", "CONTRIBUTING.md"]

/// Words in backquotes, in code blocks too, that name a developer command or a product of the package.
private func commandsNamed(in text: String) -> [(command: String, line: Int)] {
  let prefixes = ["tools/", "vitals-", "pq-", "hdfs-", "kafka-"]
  return text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().flatMap { index, line in
    line.split(whereSeparator: { !($0.isLetter || $0.isNumber || "-_/.".contains($0)) })
      .map { String($0).trimmingCharacters(in: CharacterSet(charactersIn: "./-")) }
      .filter { word in prefixes.contains { word.hasPrefix($0) && word.count > $0.count } }
      .filter { !$0.hasSuffix(".git") }
      .map { ($0, index + 1) }
  }
}

/// Names that look like commands and are none.
private let notCommands: Set = ["vitals-lake", "hdfs-site.xml"]

private func isThere(_ command: String) -> Bool {
  let path = command.hasPrefix("tools/") ? command : "Sources/\(command)"
  return FileManager.default.fileExists(atPath: Checkout.root.appending(path: path).path)
}

/// The developer commands: scripts directly in `tools`.
private let commands = Checkout.scripts.filter { $0.split(separator: "/").count == 2 }

private func isExecutable(_ path: String) -> Bool {
  FileManager.default.isExecutableFile(atPath: Checkout.root.appending(path: path).path)
}

/// Runs a script and returns its exit status and what it wrote to standard output.
private func run(_ path: String, _ arguments: [String]) throws -> (status: Int32, output: String) {
  let process = Process()
  process.executableURL = Checkout.root.appending(path: path)
  process.arguments = arguments
  let output = Pipe()
  process.standardOutput = output
  let end = try process.start()
  let data = output.fileHandleForReading.readDataToEndOfFile()
  end.wait()
  return (process.terminationStatus, String(decoding: data, as: UTF8.self))
}

@Suite("Tools and documents")
struct ToolsTests {
  @Test("every command that a document names exists", arguments: documents)
  func documentedCommands(document: String) throws {
    let text = try #require(Checkout.read(document))
    let missing = commandsNamed(in: text).filter { !notCommands.contains($0.command) && !isThere($0.command) }
    expectNone(missing.map { Finding(path: document, line: $0.line, message: "there is no command \($0.command)") })
  }

  @Test("every script with a shebang line is executable", arguments: Checkout.scripts)
  func executable(path: String) throws {
    guard try #require(Checkout.read(path)).hasPrefix("#!") else { return }
    #expect(isExecutable(path), "\(path):1: not executable")
  }

  @Test("every developer command explains itself", arguments: commands)
  func help(path: String) throws {
    let (status, output) = try run(path, ["--help"])
    #expect(status == 0, "\(path):1: --help exits \(status)")
    #expect(output.contains("usage: \(path)"), "\(path):1: --help says no usage")
  }

  @Test("there are developer commands and sources to check")
  func somethingIsChecked() {
    #expect(commands.contains("tools/test"))
    #expect(Checkout.sources.count > 20)
  }

  @Test("commands are found in prose, tables and code blocks")
  func commandNames() {
    let found = commandsNamed(
      in: "Type `tools/demo`.\n| `pq-cat` | x |\n    vitals-sink --table t | less\nvitals-lake/")
    #expect(found.map(\.command) == ["tools/demo", "pq-cat", "vitals-sink", "vitals-lake"])
    #expect(found.map(\.line) == [1, 2, 3, 4])
  }
}
