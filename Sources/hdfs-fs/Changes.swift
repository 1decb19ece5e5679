import ArgumentParser
import CommandSupport
import WebHDFS

/// `hdfs-fs mkdir`
struct MakeDirectory: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mkdir", abstract: "Make directories and their parents; those that exist are left as they are.")

  @Argument(help: "Directories.")
  var paths: [String]
  @Option(help: "Permission of the directories, in octal.", transform: Permission.parse)
  var mode = 0o755
  @Flag(name: [.customShort("p"), .long], help: "Taken for habit's sake: parents are always made.")
  var parents = false
  @OptionGroup var common: CommonOptions

  mutating func run() async throws {
    let options = self
    try await runOnHDFS(common) { (paths) in
      for place in try paths.paths(options.paths) {
        try await place.client.makeDirectories(place.path, permission: options.mode)
      }
    }
  }
}

/// `hdfs-fs mv`
struct Move: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mv", abstract: "Rename a file or directory, or move it into a directory that exists.")

  @Argument(help: "What to move.")
  var source: String
  @Argument(help: "The new name, or a directory.")
  var target: String
  @Flag(name: .shortAndLong, help: "Replace a file that holds the name.")
  var force = false
  @OptionGroup var common: CommonOptions

  mutating func run() async throws {
    let options = self
    try await runOnHDFS(common) { (paths) in
      let source = try paths.path(options.source)
      var target = try paths.path(options.target)
      guard source.client === target.client else {
        throw CommandError("mv works within one cluster and one user only", exit: .usage)
      }
      if try await target.client.statusIfPresent(target.path)?.isDirectory == true {
        target = target.appending(source.name)
      }
      try await source.client.rename(source.path, to: target.path, overwrite: options.force)
    }
  }
}

/// `hdfs-fs rm`
struct Remove: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rm", abstract: "Remove files, with -r also directories; there is no trash.")

  @Argument(help: "Files or directories.")
  var paths: [String]
  @Flag(name: .shortAndLong, help: "Remove directories with all they hold.")
  var recursive = false
  @Flag(name: .shortAndLong, help: "What is not there is no error.")
  var force = false
  @OptionGroup var common: CommonOptions

  mutating func run() async throws {
    let options = self
    try await runOnHDFS(common) { (paths) in
      for place in try await paths.matching(options.paths) {
        guard place.path != "/" else { throw CommandError("/: the root is not removed", exit: .usage) }
        guard let status = try await place.client.statusIfPresent(place.path) else {
          if options.force { continue }
          throw CommandError("\(place.description): no such file or directory")
        }
        if status.isDirectory && !options.recursive {
          throw CommandError("\(place.description): a directory; remove it with -r")
        }
        try await place.client.delete(place.path, recursive: options.recursive)
      }
    }
  }
}

/// `hdfs-fs chmod`
struct ChangeMode: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "chmod", abstract: "Set permissions.")

  @Argument(help: "The permission in octal, such as 640.", transform: Permission.parse)
  var mode: Int
  @Argument(help: "Files or directories.")
  var paths: [String]
  @Flag(name: [.customShort("R"), .long], help: "All that lies below, too.")
  var recursive = false
  @OptionGroup var common: CommonOptions

  mutating func run() async throws {
    let options = self
    try await runOnHDFS(common) { (paths) in
      for place in try await paths.matching(options.paths) {
        try await walk(place, isRecursive: options.recursive) {
          try await $0.client.setPermission($0.path, options.mode)
        }
      }
    }
  }
}

/// `hdfs-fs chown`
struct ChangeOwner: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "chown", abstract: "Set owners and groups; for the administrator of HDFS.")

  @Argument(help: "OWNER, OWNER:GROUP or :GROUP.")
  var owner: String
  @Argument(help: "Files or directories.")
  var paths: [String]
  @Flag(name: [.customShort("R"), .long], help: "All that lies below, too.")
  var recursive = false
  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard parts.owner != nil || parts.group != nil else { throw ValidationError("write OWNER, OWNER:GROUP or :GROUP") }
  }

  private var parts: (owner: String?, group: String?) {
    let sides = owner.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    return (sides[0].isEmpty ? nil : sides[0], sides.count < 2 || sides[1].isEmpty ? nil : sides[1])
  }

  mutating func run() async throws {
    let options = self
    let (owner, group) = parts
    try await runOnHDFS(common) { (paths) in
      for place in try await paths.matching(options.paths) {
        try await walk(place, isRecursive: options.recursive) {
          try await $0.client.setOwner($0.path, owner: owner, group: group)
        }
      }
    }
  }
}

/// `hdfs-fs setrep`
struct SetReplication: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "setrep", abstract: "Set how many copies HDFS keeps of each block of files.")

  @Argument(help: "The number of copies.")
  var copies: Int
  @Argument(help: "Files, or with -R directories.")
  var paths: [String]
  @Flag(name: [.customShort("R"), .long], help: "All files that lie below.")
  var recursive = false
  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard (1...512).contains(copies) else { throw ValidationError("the number of copies is from 1 to 512") }
  }

  mutating func run() async throws {
    let options = self
    try await runOnHDFS(common) { (paths) in
      for place in try await paths.matching(options.paths) {
        let isDirectory = try await place.client.status(place.path).isDirectory
        guard !isDirectory || options.recursive else {
          throw CommandError("\(place.description): a directory; set what lies below it with -R")
        }
        try await walk(place, isRecursive: isDirectory) {
          // A directory has no blocks; the server says so.
          try await $0.client.setReplication($0.path, options.copies)
        }
      }
    }
  }
}

/// `hdfs-fs test`
struct Test: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test", abstract: "Tell by the exit status, 0 or 1, what stands at a path.")

  /// What is asked.
  enum Question: String, EnumerableFlag {
    case exists, file, directory, empty

    static func name(for value: Question) -> NameSpecification {
      [.customShort(value == .empty ? "z" : value.rawValue.first ?? "e"), .long]
    }

    static func help(for value: Question) -> ArgumentHelp? {
      switch value {
      case .exists: "Is anything there?"
      case .file: "Is it a file?"
      case .directory: "Is it a directory?"
      case .empty: "Is it a file of length 0?"
      }
    }
  }

  @Flag(exclusivity: .exclusive, help: "What is asked.")
  var question = Question.exists
  @Argument(help: "A file or directory.")
  var path: String
  @OptionGroup var common: CommonOptions

  mutating func run() async throws {
    let options = self
    try await runOnHDFS(common) { (paths) in
      let place = try paths.path(options.path)
      let status = try await place.client.statusIfPresent(place.path)
      let holds =
        switch options.question {
        case .exists: status != nil
        case .file: status.map { !$0.isDirectory } ?? false
        case .directory: status?.isDirectory ?? false
        case .empty: status.map { !$0.isDirectory && $0.length == 0 } ?? false
        }
      if !holds { throw ExitCode(ExitStatus.failure.rawValue) }
    }
  }
}

/// Changes a place, and with `isRecursive` first all that lies below it, so that a lost permission comes last.
private func walk(
  _ place: RemotePath, isRecursive: Bool, _ change: (RemotePath) async throws -> Void
) async throws {
  if isRecursive {
    for try await page in place.client.pages(of: place.path) {
      for entry in page where !entry.name.isEmpty {
        let below = place.appending(entry.name)
        if entry.isDirectory {
          try await walk(below, isRecursive: true, change)
        } else {
          try await change(below)
        }
      }
    }
  }
  try await change(place)
}

/// Permissions as people write them.
enum Permission {
  static func parse(_ text: String) throws -> Int {
    guard let value = Int(text, radix: 8), (0...0o1777).contains(value) else {
      throw ValidationError("\(text) is not an octal permission such as 640")
    }
    return value
  }
}
