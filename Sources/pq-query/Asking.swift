import ArgumentParser
import Columnar
import CommandSupport
import Query

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Runs statements in one session and prints their rows.
struct Asking {
  let session: QuerySession
  let format: OutputFormat
  let chart: ChartKind?
  private let wait = LongWait()

  init(catalog: LocationCatalog, options: QueryOptions, format: OutputFormat, chart: ChartKind?) {
    var options = options
    options.progress = { [wait] in wait.set($0) }
    session = QuerySession(catalog: catalog, options: options) {
      var time = timespec()
      unsafe clock_gettime(CLOCK_REALTIME, &time)
      return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
    }
    self.format = format
    self.chart = chart
  }

  /// Runs a statement.
  ///
  /// - Returns: how many rows there were.
  @discardableResult
  func run(_ sql: String) async throws -> Int {
    var printer: BatchPrinter?
    var drawn: Chart?
    wait.begin()
    defer { wait.end() }
    do {
      let result = try await session.run(sql) { schema in
        if schema.fields.isEmpty { return }
        drawn = try chart.map { try Chart($0, schema: schema) }
        if drawn == nil {
          printer = BatchPrinter(
            format: format, schema: schema, types: schema.fields.map { QuerySession.typeName(of: $0.type) })
        }
      } _: { batch in
        wait.end()
        try printer?.print(batch)
        drawn?.add(batch)
      }
      try printer?.finish()
      for line in drawn?.lines(width: StandardOutput.terminalWidth ?? 80) ?? [] { try StandardOutput.print(line) }
      return result.rowCount
    } catch let error as QueryError {
      wait.end()
      let isOfText = error.code == .syntax || error.code == .binding
      // What is wrong, and where in the statement: several lines, each printed as one.
      for line in "pq-query: \(error.explained(in: sql))".split(separator: "\n", omittingEmptySubsequences: false) {
        StandardError.print(String(line))
      }
      throw ExitCode((isOfText ? ExitStatus.usage : .failure).rawValue)
    }
  }

  /// What a query's failure without its text comes to.
  static func translate(_ error: any Error) -> CommandError? {
    (error as? QueryError).map { CommandError("\($0)") }
  }
}
