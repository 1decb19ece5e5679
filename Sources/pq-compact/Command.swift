import ArgumentParser
import CommandSupport

/// `pq-compact`: the care of a table.
@main
struct Command: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pq-compact",
    abstract: "Keep a Delta table fast and tidy, while others write to it and read it.",
    discussion: """
      pq-compact TABLE merges the small files of each partition into few large ones, sorted so that queries read \
      little of them (pq-compact compact --help tells the options). TABLE is a directory or \
      webhdfs://[user@]host:port[,host2:port2]/path. It may be stopped and killed at any time: no row is ever lost or \
      doubled by it. Exits 0 when done or when there was nothing to do, 75 when something is left, 65 when a file or \
      the table is damaged, 69 when HDFS does not answer. Access to HDFS is set by HDFS_USER, HDFS_AUTH, HDFS_DOAS, \
      HDFS_TOKEN_FILE, HDFS_CA_FILE, HDFS_CLIENT_CERT, HDFS_CLIENT_KEY, HDFS_REDIRECT_HOSTS and HDFS_HOST_MAP, in the \
      environment or in .env.
      """,
    version: ProductVersion.current,
    subcommands: [
      Compact.self, Stats.self, History.self, Verify.self, Vacuum.self, Checkpoint.self, Restore.self, Erase.self,
      Convert.self,
    ],
    defaultSubcommand: Compact.self)
}
