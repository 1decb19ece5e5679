import ArgumentParser
import Columnar
import CommandSupport
import Query

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Runs one statement and prints its rows.
struct Asking {
  let catalog: LocationCatalog
  let options: QueryOptions
  let format: OutputFormat

  func run(_ sql: String) async throws {
    let session = QuerySession(catalog: catalog, options: options) {
      var time = timespec()
      unsafe clock_gettime(CLOCK_REALTIME, &time)
      return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
    }
    var printer: BatchPrinter?
    do {
      _ = try await session.run(sql) { schema in
        if !schema.fields.isEmpty { printer = BatchPrinter(format: format, schema: schema) }
      } _: { batch in
        try printer?.print(batch)
      }
    } catch let error as QueryError {
      let isOfText = error.code == .syntax || error.code == .binding
      // What is wrong, and where in the statement: several lines, each printed as one.
      for line in "pq-query: \(error.explained(in: sql))".split(separator: "\n", omittingEmptySubsequences: false) {
        StandardError.print(String(line))
      }
      throw ExitCode((isOfText ? ExitStatus.usage : .failure).rawValue)
    }
    try printer?.finish()
  }

  /// What a query's failure without its text comes to.
  static func translate(_ error: any Error) -> CommandError? {
    (error as? QueryError).map { CommandError("\($0)") }
  }
}
