import ArgumentParser
import CommandSupport
import Foundation
import Query

/// Asks a person at a terminal for statements, until they leave.
struct Prompt {
  private let asking: Asking
  private let settings: String
  private var editor: LineEditor
  private var isTimed = false
  private static let historyFile = URL(
    filePath: ProcessInfo.processInfo.environment["HOME"] ?? NSHomeDirectory()
  ).appending(path: ".pq-query-history")

  /// - Parameter settings: what stands before each statement: `EXPLAIN `, or nothing.
  init(_ asking: Asking, settings: String) {
    self.asking = asking
    self.settings = settings
    let lines = (try? String(contentsOf: Self.historyFile, encoding: .utf8))?.split(separator: "\n") ?? []
    editor = LineEditor(history: lines.map(String.init))
  }

  mutating func run() async throws {
    StandardError.print("Statements end with a semicolon. .help lists what else there is; Ctrl-D leaves.")
    var statement = ""
    while true {
      let session = asking.session
      let begun = statement
      let input = await editor.readLine(prompt: statement.isEmpty ? "pq> " : "  > ") { before in
        await Self.candidates(begun + before, session)
      }
      switch input {
      case .end: return
      case .interrupted: statement = ""
      case .line(let line):
        let trimmed = line.trimmingCharacters(in: .whitespaces)
        if statement.isEmpty, trimmed.hasPrefix(".") {
          keep(trimmed)
          if try await !command(trimmed) { return }
          continue
        }
        if statement.isEmpty, trimmed.isEmpty { continue }
        statement += (statement.isEmpty ? "" : "\n") + line
        guard QuerySession.isComplete(statement) else { continue }
        keep(statement.replacing("\n", with: " "))
        for sql in QuerySession.statements(in: statement) { try await run(settings + sql) }
        statement = ""
      }
    }
  }

  /// Runs a statement; what goes wrong is said and ends nothing. Ctrl-C ends the statement alone.
  private func run(_ sql: String) async throws {
    let start = ContinuousClock.now
    let asking = asking
    do {
      let rows = try await withShutdownSignals { try await asking.run(sql) }
      if isTimed {
        let seconds = ((ContinuousClock.now - start) / .milliseconds(1)).rounded() / 1_000
        StandardError.print("\(rows) \(rows == 1 ? "row" : "rows") in \(seconds) s")
      }
    } catch is ExitCode {
      // It has been said what is wrong.
    } catch is CancellationError {
      StandardError.print("cancelled")
    } catch let error as ClosedPipe {
      throw error
    } catch {
      StandardError.print("pq-query: \((Asking.translate(error) ?? CommandError(describing: error)).message)")
    }
  }

  /// `.tables` and its like; whether the prompt goes on.
  private mutating func command(_ line: String) async throws -> Bool {
    let words = line.split(separator: " ", maxSplits: 1).map(String.init)
    let argument = words.count > 1 ? words[1].trimmingCharacters(in: .whitespaces) : ""
    switch words[0] {
    case ".quit", ".exit": return false
    case ".timer" where ["", "on", "off"].contains(argument): isTimed = argument.isEmpty ? !isTimed : argument == "on"
    case ".tables":
      for name in asking.session.viewNames + Self.paths("").filter(Self.isTable) { try StandardOutput.print(name) }
    case ".schema" where !argument.isEmpty:
      let isView = asking.session.viewNames.contains(argument.lowercased())
      let quoted = argument.hasPrefix("'") || isView ? argument : "'\(argument.replacing("'", with: "''"))'"
      try await run("DESCRIBE \(quoted)")
    case ".help":
      for text in Self.help { try StandardOutput.print(text) }
    default: StandardError.print("pq-query: no such command – .help lists them")
    }
    return true
  }

  private static let help = [
    ".tables          the views, and the tables in this directory", ".schema TABLE    the columns of a table",
    ".timer [on|off]  how long each statement takes", ".quit            leave, as Ctrl-D does",
    "Tab completes words, columns of the tables named, and paths in quotes; Ctrl-C ends a running statement.",
  ]

  /// Adds to the history, in memory and in the file, which only its owner can read.
  private mutating func keep(_ line: String) {
    editor.remember(line)
    let text = editor.history.map { $0.replacing("\n", with: " ") + "\n" }.joined()
    let path = Self.historyFile.path
    if !FileManager.default.fileExists(atPath: path) {
      _ = FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o600])
    }
    // A history that cannot be kept is no reason to stop.
    guard let file = FileHandle(forWritingAtPath: path) else { return }
    try? file.truncate(atOffset: 0)
    try? file.write(contentsOf: Data(text.utf8))
    try? file.close()
  }

  // MARK: Completion

  private static func candidates(_ text: String, _ session: QuerySession) async -> (Int, [String]) {
    // An odd number of quotes: a path is being written.
    if let quote = text.lastIndex(of: "'"), text.count(where: { $0 == "'" }) % 2 == 1 {
      let path = String(text[text.index(after: quote)...])
      return (path.count, paths(path))
    }
    let word = String(text.reversed().prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." }.reversed())
    if word.hasPrefix("."), word == text { return (word.count, [".tables", ".schema", ".timer", ".help", ".quit"]) }
    await session.learnNames(from: text)
    let last = word.split(separator: ".", omittingEmptySubsequences: false).last.map(String.init) ?? ""
    let isUpper = last.contains { $0.isLetter } && last.allSatisfy { !$0.isLowercase }
    let keywords = QuerySession.keywords.map { isUpper ? $0 : $0.lowercased() }
    return (last.count, session.knownNames + keywords)
  }

  /// Paths that begin so; those of directories end with a slash.
  private static func paths(_ prefix: String) -> [String] {
    let directory = prefix.lastIndex(of: "/").map { String(prefix[...$0]) } ?? ""
    let names = (try? FileManager.default.contentsOfDirectory(atPath: directory.isEmpty ? "." : directory)) ?? []
    return names.filter { !$0.hasPrefix(".") }.sorted().prefix(2_000).map { name in
      var isDirectory: ObjCBool = false
      _ = unsafe FileManager.default.fileExists(atPath: directory + name, isDirectory: &isDirectory)
      return directory + name + (isDirectory.boolValue ? "/" : "")
    }
  }

  private static func isTable(_ path: String) -> Bool {
    if path.hasSuffix("/") { return FileManager.default.fileExists(atPath: path + "_delta_log") }
    return [".parquet", ".csv", ".tsv"].contains { path.lowercased().hasSuffix($0) }
  }
}
