import ArgumentParser
import CommandSupport
import Storage
import WebHDFS

/// `hdfs-fs cat`
struct Cat: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cat", abstract: "Write the content of files to standard output.")

  @Argument(help: "Files.")
  var paths: [String]
  @OptionGroup var common: CommonOptions

  mutating func run() async throws {
    let options = self
    try await runOnHDFS(common) { (paths) in
      for place in try paths.paths(options.paths) {
        try await place.client.download(place.path) { try StandardOutput.write($0) }
      }
    }
  }
}

/// `hdfs-fs put`
struct Put: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "put", abstract: "Upload local files; each appears complete and checked, or not at all.",
    discussion: """
      Every file goes to a hidden temporary name, is checked for length and checksum, and then renamed. Parents are \
      made. A file that holds the name is left alone unless --force is given.
      """)

  @Argument(help: "Local files, or - for standard input, and the file or directory on HDFS they go to.")
  var sourcesAndTarget: [String]
  @Flag(name: .shortAndLong, help: "Replace files that hold the name.")
  var force = false
  @Option(help: "Permission of the files, in octal.", transform: Permission.parse)
  var mode = 0o644
  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard sourcesAndTarget.count >= 2 else { throw ValidationError("name local files and a place on HDFS") }
    guard sourcesAndTarget.dropLast().filter({ $0 == "-" }).count <= 1 else {
      throw ValidationError("standard input can be uploaded once")
    }
  }

  mutating func run() async throws {
    let options = self
    try await runOnHDFS(common) { (paths) in
      let sources = options.sourcesAndTarget.dropLast()
      let target = try paths.path(options.sourcesAndTarget[sources.count])
      let isDirectory = try await target.client.statusIfPresent(target.path)?.isDirectory ?? false
      guard isDirectory || sources.count == 1 else {
        throw CommandError("\(target.description): several files need a directory that exists")
      }
      for source in sources {
        let name = source == "-" ? "stdin" : LocalPath.name(source)
        let place = isDirectory ? target.appending(name) : target
        let content: any UploadSource = source == "-" ? try LocalPath.standardInput() : try FileUpload(path: source)
        let outcome = try await place.client.upload(
          content, to: place.path, permission: options.mode, overwrite: options.force)
        if outcome == .alreadyExists {
          throw CommandError("\(place.description): the file exists; replace it with --force")
        }
      }
    }
  }
}

/// `hdfs-fs get`
struct Get: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "get", abstract: "Download files; each appears complete, or not at all.")

  @Argument(help: "Files on HDFS, and the local file or directory they go to.")
  var sourcesAndTarget: [String]
  @Flag(name: .shortAndLong, help: "Replace files that hold the name.")
  var force = false
  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard sourcesAndTarget.count >= 2 else { throw ValidationError("name files on HDFS and a local place") }
  }

  mutating func run() async throws {
    let options = self
    try await runOnHDFS(common) { (paths) in
      let sources = try paths.paths(Array(options.sourcesAndTarget.dropLast()))
      let target = options.sourcesAndTarget[sources.count]
      let isDirectory = LocalPath.isDirectory(target)
      guard isDirectory || sources.count == 1 else {
        throw CommandError("\(target): several files need a directory that exists")
      }
      for source in sources {
        let file = try DownloadFile(
          path: isDirectory ? LocalPath.join(target, source.name) : target, overwrite: options.force)
        try await source.client.download(source.path) { try file.write($0) }
        try file.publish()
      }
    }
  }
}
