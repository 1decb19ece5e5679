import ArgumentParser
import CommandSupport

/// `pq-cat`: look at Parquet.
@main
struct Command: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pq-cat",
    abstract: "Print the rows of Parquet files, or what is known of them.",
    discussion: """
      A location is a file or a glob, a directory (of Hive partitions), a Delta table, \
      webhdfs://[user@]host:port[,host2:port2]/path (swebhdfs:// with TLS), or - for standard input. \
      Access to HDFS is set by HDFS_USER, HDFS_DOAS, HDFS_TOKEN_FILE, HDFS_CA_FILE, HDFS_CLIENT_CERT, \
      HDFS_CLIENT_KEY and HDFS_HOST_MAP, in the environment or in .env.
      """,
    version: ProductVersion.current)

  @Argument(help: "Where the files are.")
  var locations: [String]

  @OptionGroup(title: "Which version") var version: VersionOptions
  @OptionGroup(title: "Which rows") var rows: RowOptions
  @OptionGroup(title: "Instead of rows") var view: ViewOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var common: CommonOptions

  mutating func run() async throws {
    common.bootstrapLogging()
    let inspection = Inspection(rows: rows, mode: view.mode, format: output.format)
    let (locations, version) = (locations, version)
    try await runCommand("pq-cat") {
      try await inspection.run(locations, at: try version.version(), try await Settings.load())
    }
  }
}
