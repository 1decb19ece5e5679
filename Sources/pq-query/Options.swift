import ArgumentParser
import CommandSupport
import Query

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// How a statement is run.
struct RunOptions: ParsableArguments {
  @Option(name: .shortAndLong, help: "A file with the statement.")
  var file: String?

  @Flag(help: "Show how the statement would be run, and do not run it.")
  var explain = false

  @Flag(help: "Run the statement and show how, with rows, seconds and bytes, in place of its rows.")
  var analyze = false

  @Option(help: ArgumentHelp("Threads that share the work (default: one for each processor).", valueName: "number"))
  var threads: Int?

  @Option(help: ArgumentHelp("Memory for groups, sorts and joins, such as 512MB or 4GB.", valueName: "size"))
  var memoryLimit = "4GB"

  @Option(help: ArgumentHelp("End the statement after so long.", valueName: "seconds"))
  var timeout: Double?

  @Option(help: "Draw the first column of numbers over the first column, in place of the rows.")
  var chart: ChartKind?

  func validate() throws {
    if explain, analyze { throw ValidationError("Only one of --explain and --analyze can be given.") }
    if let threads, !(1...1_024).contains(threads) { throw ValidationError("--threads must be 1 to 1024.") }
    if let timeout, !(timeout > 0 && timeout < 1e9) { throw ValidationError("--timeout must be above 0.") }
    guard CommandText.bytes(memoryLimit) != nil else {
      throw ValidationError("--memory-limit takes a size such as 512MB.")
    }
  }

  var queryOptions: QueryOptions {
    var options = QueryOptions(threads: threads ?? max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
    options.memoryLimit = CommandText.bytes(memoryLimit) ?? options.memoryLimit
    if let directory = unsafe getenv("TMPDIR") { options.temporaryDirectory = unsafe String(cString: directory) }
    options.timeout = timeout.map { .seconds($0) }
    return options
  }

  /// What the options put before each statement.
  var prefix: String { explain ? "EXPLAIN " : analyze ? "EXPLAIN ANALYZE " : "" }

  /// The statements, with what the options put before them.
  func statements(_ sql: String?) throws -> [String] {
    let text: String
    if let sql {
      text = sql
    } else if let file {
      text = String(decoding: try SmallFile.read(file), as: UTF8.self)
    } else {
      var lines = ""
      while let line = readLine(strippingNewline: false), lines.utf8.count < 1 << 20 { lines += line }
      text = lines
    }
    let statements = QuerySession.statements(in: text)
    if statements.isEmpty {
      throw CommandError("there is no statement – pq-query \"select …\", --file, or standard input", exit: .usage)
    }
    return statements.map { prefix + $0 }
  }
}
