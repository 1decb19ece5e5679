import ArgumentParser
import CommandSupport
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
      for place in try await paths.matching(options.paths) { try await place.write(from: 0) }
    }
  }
}

/// How much of a file `head` and `tail` show.
struct Amount: ParsableArguments {
  @Option(name: [.customShort("n"), .long], help: "How many lines. (default: 10)")
  var lines: Int?
  @Option(name: [.customShort("c"), .long], help: "How many bytes, instead of lines.")
  var bytes: Int64?

  func validate() throws {
    guard lines == nil || bytes == nil else { throw ValidationError("--lines and --bytes exclude each other") }
    guard lines ?? 0 >= 0, bytes ?? 0 >= 0 else { throw ValidationError("a number is not below 0") }
  }
}

/// `hdfs-fs head`
struct Head: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "head", abstract: "Write the beginning of files to standard output.")

  @Argument(help: "Files.")
  var paths: [String]
  @OptionGroup var amount: Amount
  @OptionGroup var common: CommonOptions

  mutating func run() async throws {
    let options = self
    try await runOnHDFS(common) { (paths) in
      for place in try await paths.matching(options.paths) {
        if let bytes = options.amount.bytes {
          try await place.write(from: 0, length: bytes)
        } else {
          try await head(place, options.amount.lines ?? 10)
        }
      }
    }
  }

  private func head(_ place: RemotePath, _ lines: Int) async throws {
    var left = lines
    guard left > 0 else { return }
    for try await portion in try await place.client.content(place.path, portion: 64 << 10) {
      var end = portion.startIndex
      while left > 0, let newline = portion[end...].firstIndex(of: 0x0A) {
        end = newline + 1
        left -= 1
      }
      try StandardOutput.write(left == 0 ? Array(portion[..<end]) : portion)
      if left == 0 { return }
    }
  }
}

/// `hdfs-fs tail`
struct Tail: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tail", abstract: "Write the end of files to standard output.")

  @Argument(help: "Files.")
  var paths: [String]
  @OptionGroup var amount: Amount
  @OptionGroup var common: CommonOptions

  mutating func run() async throws {
    let options = self
    try await runOnHDFS(common) { (paths) in
      for place in try await paths.matching(options.paths) {
        let length = try await place.client.status(place.path).length
        let start =
          if let bytes = options.amount.bytes { max(length - bytes, 0) } else {
            try await Self.start(ofLast: options.amount.lines ?? 10, place, length)
          }
        try await place.write(from: start)
      }
    }
  }

  /// Where the last lines begin: read backwards in portions, of which none is kept.
  private static func start(ofLast lines: Int, _ place: RemotePath, _ length: Int64) async throws -> Int64 {
    guard lines > 0 else { return length }
    var found = 0
    var end = length
    while end > 0 {
      let start = max(end - (64 << 10), 0)
      let portion = try await place.client.read(place.path, offset: start, length: Int(end - start))
      for (index, byte) in portion.enumerated().reversed() where byte == 0x0A {
        // A line feed at the very end closes the last line and begins none.
        if start + Int64(index) == length - 1 { continue }
        found += 1
        if found == lines { return start + Int64(index) + 1 }
      }
      end = start
    }
    return 0
  }
}

extension RemotePath {
  /// Writes a file to standard output from a byte on.
  func write(from start: Int64, length: Int64 = .max) async throws {
    let status = try await client.status(path)
    if status.isDirectory { throw CommandError("\(description): a directory, not a file") }
    let end = start + min(length, status.length - start)
    guard start < end else { return }
    for try await portion in try await client.content(path, range: start..<end) {
      try StandardOutput.write(portion)
    }
  }
}
