import ArgumentParser
import CommandSupport
import FoundationEssentials
import WebHDFS

/// `hdfs-fs ls`
struct List: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ls", abstract: "List directories, or tell of single files.")

  @Argument(help: "Directories or files.")
  var paths: [String]
  @Flag(name: [.customShort("R"), .long], help: "Go down into directories.")
  var recursive = false
  @Flag(name: [.customShort("h"), .long], help: "Sizes as people read them, such as 1.5 MB.")
  var humanReadable = false
  @OptionGroup var output: OutputOptions
  @OptionGroup var common: CommonOptions

  mutating func run() async throws {
    let (options, format) = (self, output.format)
    try await runOnHDFS(common) { (paths) in
      let sizes = Sizes(isHuman: options.humanReadable)
      var printer = BatchPrinter(format: format, schema: StatusReport.list(sizes).schema)
      var waiting = try await paths.matching(options.paths).reversed() as [RemotePath]
      while let place = waiting.popLast() {
        var below: [RemotePath] = []
        for try await page in place.client.pages(of: place.path) {
          var report = StatusReport.list(sizes)
          for entry in page {
            let path = entry.name.isEmpty ? place : place.appending(entry.name)
            StatusReport.add(entry, at: path.path, sizes, to: &report)
            if options.recursive && entry.isDirectory { below.append(path) }
          }
          try printer.print(report.batch)
        }
        waiting += below.reversed()
      }
      try printer.finish()
    }
  }
}

/// `hdfs-fs stat`
struct Stat: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stat", abstract: "Tell all that is known of files and directories.")

  @Argument(help: "Files or directories.")
  var paths: [String]
  @OptionGroup var output: OutputOptions
  @OptionGroup var common: CommonOptions

  mutating func run() async throws {
    let (options, format) = (self, output.format)
    try await runOnHDFS(common) { (paths) in
      var report = StatusReport.all()
      for place in try await paths.matching(options.paths) {
        StatusReport.addAll(try await place.client.status(place.path), at: place.path, to: &report)
      }
      try report.print(format)
    }
  }
}

/// `hdfs-fs du`
struct DiskUsage: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "du", abstract: "Count files, directories and bytes of trees, and tell their quotas.")

  @Argument(help: "Directories or files.")
  var paths: [String]
  @Flag(name: [.customShort("h"), .long], help: "Sizes as people read them, such as 1.5 MB.")
  var humanReadable = false
  @OptionGroup var output: OutputOptions
  @OptionGroup var common: CommonOptions

  mutating func run() async throws {
    let (options, format) = (self, output.format)
    try await runOnHDFS(common) { (paths) in
      let sizes = Sizes(isHuman: options.humanReadable)
      let numbers: Set = ["files", "directories", "name_quota"]
      var report = Report(
        ["path", "size", "space_consumed", "files", "directories", "space_quota", "name_quota"],
        integers: options.humanReadable ? numbers : numbers.union(["size", "space_consumed", "space_quota"]))
      for place in try await paths.matching(options.paths) {
        let summary = try await place.client.contentSummary(place.path)
        report.append([
          .text(place.path), sizes.value(summary.length), sizes.value(summary.spaceConsumed), .init(summary.fileCount),
          .init(summary.directoryCount), summary.spaceQuota < 0 ? .none : sizes.value(summary.spaceQuota),
          summary.quota < 0 ? .none : .init(summary.quota),
        ])
      }
      try report.print(format)
    }
  }
}

/// `hdfs-fs checksum`
struct Checksum: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "checksum", abstract: "Tell the checksums that HDFS keeps of files.")

  @Argument(help: "Files.")
  var paths: [String]
  @OptionGroup var output: OutputOptions
  @OptionGroup var common: CommonOptions

  mutating func run() async throws {
    let (options, format) = (self, output.format)
    try await runOnHDFS(common) { (paths) in
      var report = Report(["path", "algorithm", "checksum"])
      for place in try await paths.matching(options.paths) {
        let checksum = try await place.client.checksum(place.path)
        report.append([.text(place.path), .text(checksum.algorithm), .text(checksum.hex)])
      }
      try report.print(format)
    }
  }
}

/// What is known of files, as rows to print.
enum StatusReport {
  static func list(_ sizes: Sizes) -> Report {
    Report(["permission", "owner", "group", "size", "modified", "path"], integers: sizes.isHuman ? [] : ["size"])
  }

  static func add(_ status: HDFSFileStatus, at path: String, _ sizes: Sizes, to report: inout Report) {
    report.append([
      .text(permission(status)), .text(status.owner), .text(status.group), sizes.value(status.length),
      .text(time(status.modificationTime)), .text(path),
    ])
  }

  static func all() -> Report {
    Report(
      [
        "path", "type", "size", "permission", "owner", "group", "modified", "accessed", "replication", "block_size",
        "file_id", "encrypted",
      ], integers: ["size", "replication", "block_size", "file_id"])
  }

  static func addAll(_ status: HDFSFileStatus, at path: String, to report: inout Report) {
    report.append([
      .text(path), .text(status.isDirectory ? "directory" : "file"), .init(status.length),
      .text(String(status.permission, radix: 8)), .text(status.owner), .text(status.group),
      .text(time(status.modificationTime)), status.accessTime > 0 ? .text(time(status.accessTime)) : .none,
      .init(status.replication), .init(status.blockSize), .init(status.fileID),
      .text(status.isEncrypted ? "yes" : "no"),
    ])
  }

  /// `drwxr-x---`, as `ls` writes it; a sticky bit shows in the last place.
  static func permission(_ status: HDFSFileStatus) -> String {
    let letters: [Character] = ["r", "w", "x"]
    var text = status.isDirectory ? "d" : "-"
    for bit in stride(from: 8, through: 0, by: -1) {
      text.append(status.permission >> bit & 1 == 1 ? letters[(8 - bit) % 3] : "-")
    }
    if status.permission & 0o1000 != 0 {
      let canSearch = text.removeLast() == "x"
      text.append(canSearch ? "t" : "T")
    }
    return text
  }

  private static func time(_ milliseconds: Int64) -> String {
    Date(timeIntervalSince1970: Double(milliseconds) / 1_000)
      .formatted(.iso8601.year().month().day().time(includingFractionalSeconds: true).timeZone(separator: .omitted))
  }
}

extension Report {
  /// Prints all rows.
  func print(_ format: OutputFormat) throws {
    var printer = BatchPrinter(format: format, schema: schema)
    try printer.print(batch)
    try printer.finish()
  }
}
