import ArgumentParser
import CommandSupport
import Storage
import WebHDFS

/// `hdfs-fs put`
struct Put: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "put", abstract: "Upload local files; each appears complete and checked, or not at all.",
    discussion: """
      Every file goes to a hidden temporary name, is checked for length and checksum, and then renamed. Parents are \
      made. A file that holds the name is left alone unless --force is given. With --resume a file of the same \
      content is taken for done, and what an interrupted upload of a big file left is kept and gone on with: files of \
      more than 128 MiB then go in checked parts to a hidden directory beside their target, which a later run with \
      --resume finds as long as the local file has not changed.
      """)

  @Argument(help: "Local files, or - for standard input, and the file or directory on HDFS they go to.")
  var sourcesAndTarget: [String]
  @Flag(name: .shortAndLong, help: "Replace files that hold the name.")
  var force = false
  @Flag(help: "Go on where an interrupted upload was, and skip what is there with the same content.")
  var resume = false
  @Option(help: "Permission of the files, in octal.", transform: Permission.parse)
  var mode = 0o644
  @OptionGroup var parallel: ParallelOption
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
      paths.parallelUploads = options.parallel.parallel
      let target = try paths.path(options.sourcesAndTarget[sources.count])
      let isDirectory = try await target.client.statusIfPresent(target.path)?.isDirectory ?? false
      guard isDirectory || sources.count == 1 else {
        throw CommandError("\(target.description): several files need a directory that exists")
      }
      guard isDirectory || !options.sourcesAndTarget[sources.count].hasSuffix("/") else {
        throw CommandError("\(target.description): no such directory; make it with hdfs-fs mkdir")
      }
      // A missing file is told of before anything is sent.
      for source in sources where source != "-" { _ = try FileUpload(path: source) }
      let bar = ProgressBar(total: nil)
      defer { bar.finish() }
      // While many files wait for their check and are renamed, which costs the server little, others are sent.
      let width = min(options.parallel.parallel * 8, max(options.parallel.parallel * 2, 128))
      try await options.parallel.forEach(Array(sources), width: width) { (source) in
        let name = source == "-" ? "stdin" : LocalPath.name(source)
        let place = isDirectory ? target.appending(name) : target
        try await options.put(source, place, bar, share: max(options.parallel.parallel / sources.count, 1))
      }
    }
  }

  /// - Parameter share: How many parts of the file may be under way at a time.
  private func put(_ source: String, _ place: RemotePath, _ bar: ProgressBar, share: Int) async throws {
    let file = source == "-" ? try LocalPath.standardInput() : try FileUpload(path: source)
    let outcome =
      if resume {
        try await place.client.upload(
          resuming: file, to: place.path, permission: mode, overwrite: force, width: share
        ) { bar.add($0) }
      } else {
        try await place.client.upload(
          WatchedUpload(file, bar), to: place.path, permission: mode, overwrite: force)
      }
    if outcome == .alreadyExists {
      throw CommandError("\(place.description): the file exists; replace it with --force")
    }
  }
}

/// Content that moves a progress bar as it is sent.
private struct WatchedUpload: UploadSource {
  let source: FileUpload
  let bar: ProgressBar

  init(_ source: FileUpload, _ bar: ProgressBar) {
    self.source = source
    self.bar = bar
  }

  var byteCount: Int64 { source.byteCount }

  func copyBytes(from offset: Int64, into buffer: UnsafeMutableRawBufferPointer) -> Int {
    let count = unsafe source.copyBytes(from: offset, into: buffer)
    if count > 0 { bar.add(Int64(count)) }
    return count
  }
}

/// `hdfs-fs get`
struct Get: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "get", abstract: "Download files; each appears complete and checked, or not at all.",
    discussion: """
      What arrives is compared with HDFS's own checksum before it gets its name. Big files come in several pieces at \
      a time. With --resume what an interrupted download left is kept and gone on with, as long as the file on HDFS \
      is still the same one, and files that are there already with the same content are skipped.
      """)

  @Argument(help: "Files on HDFS, and the local file or directory they go to.")
  var sourcesAndTarget: [String]
  @Flag(name: .shortAndLong, help: "Replace files that hold the name.")
  var force = false
  @Flag(help: "Wait until what arrived is on the disk, so that a loss of power does no harm.")
  var sync = false
  @Flag(help: "Go on where an interrupted download was, and skip what is there with the same content.")
  var resume = false
  @OptionGroup var parallel: ParallelOption
  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard sourcesAndTarget.count >= 2 else { throw ValidationError("name files on HDFS and a local place") }
  }

  mutating func run() async throws {
    let options = self
    try await runOnHDFS(common) { (paths) in
      let target = options.sourcesAndTarget[options.sourcesAndTarget.count - 1]
      let sources = try await paths.matching(Array(options.sourcesAndTarget.dropLast()))
      let isDirectory = LocalPath.isDirectory(target)
      guard isDirectory || sources.count == 1 else {
        throw CommandError("\(target): several files need a directory that exists")
      }
      let bar = ProgressBar(total: nil)
      defer { bar.finish() }
      try await options.parallel.forEach(sources) { (source) in
        try await Download(
          source: source, path: isDirectory ? LocalPath.join(target, source.name) : target,
          overwrite: options.force, resumes: options.resume, syncs: options.sync,
          width: max(options.parallel.parallel / sources.count, 1), bar: bar
        ).run()
      }
    }
  }
}
