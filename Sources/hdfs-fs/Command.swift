import ArgumentParser
import CommandSupport

/// `hdfs-fs`: everyday file work on HDFS.
@main
struct Command: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hdfs-fs",
    abstract: "List, read, write and change files on HDFS over WebHDFS.",
    discussion: """
      A path is webhdfs://[user@]host:port[,host2:port2]/path (swebhdfs:// with TLS), or an absolute path on \
      HDFS_URL (default: http://localhost:9870). In names of things that exist, * ? and [a-z] stand for parts of a \
      name. Access is set by HDFS_USER, HDFS_AUTH, HDFS_DOAS, HDFS_TOKEN_FILE, HDFS_CA_FILE, HDFS_CLIENT_CERT, \
      HDFS_CLIENT_KEY, HDFS_REDIRECT_HOSTS and HDFS_HOST_MAP, in the environment or in .env.
      """,
    version: ProductVersion.current,
    subcommands: [
      List.self, Cat.self, Head.self, Tail.self, Put.self, Get.self, Stat.self, Test.self, MakeDirectory.self,
      Move.self, Remove.self, DiskUsage.self, Checksum.self, ChangeMode.self, ChangeOwner.self, SetReplication.self,
    ],
    // -h is for sizes that people read, as in ls.
    helpNames: .long)
}
