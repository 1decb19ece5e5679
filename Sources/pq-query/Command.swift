import ArgumentParser
import CommandSupport
import Query

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// `pq-query`: ask SQL of Parquet files and tables.
@main
struct Command: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pq-query",
    abstract: "Run SQL over Parquet files and Delta tables.",
    discussion: """
      Tables are locations in single quotes: select count(*) from 'vitals/*.parquet'. \
      A location is a file or a glob, a directory (of Hive partitions), a Delta table, \
      webhdfs://[user@]host:port[,host2:port2]/path (swebhdfs:// with TLS), or - for standard input. \
      Access to HDFS is set by HDFS_USER, HDFS_DOAS, HDFS_TOKEN_FILE, HDFS_CA_FILE, HDFS_CLIENT_CERT, \
      HDFS_CLIENT_KEY and HDFS_HOST_MAP, in the environment or in .env.
      """,
    version: ProductVersion.current)

  @Argument(help: "The statement; by default it is read from standard input, at a terminal from a prompt.")
  var sql: String?

  @OptionGroup var query: RunOptions
  @OptionGroup(title: "Which version") var version: VersionOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var common: CommonOptions

  mutating func validate() throws {
    if sql != nil, query.file != nil { throw ValidationError("Give the statement or --file, not both.") }
  }

  mutating func run() async throws {
    common.bootstrapLogging()
    let (sql, options, format) = (sql, query, output.format)
    let version = version
    try await runCommand("pq-query", translate: Asking.translate) {
      let settings = options.queryOptions
      let catalog = LocationCatalog(
        settings: try await Settings.load(), version: try version.version(),
        temporaryDirectory: settings.temporaryDirectory)
      let asking = Asking(catalog: catalog, options: settings, format: format, chart: options.chart)
      if sql == nil, options.file == nil, isatty(STDIN_FILENO) == 1 {
        var prompt = Prompt(asking, settings: options.prefix)
        return try await prompt.run()
      }
      let statements = try options.statements(sql)
      try await withShutdownSignals {
        for statement in statements { try await asking.run(statement) }
      }
    }
  }
}
