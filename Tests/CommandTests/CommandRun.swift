import Foundation
import Testing

/// One run of a built command: what it wrote and how it ended.
struct CommandRun {
  let output: String
  let errors: String
  let status: Int32

  /// The commands of the package.
  static let all = [
    "hdfs-fs", "hdfs-sync", "kafka-dev-broker", "pq-cat", "pq-compact", "pq-query", "vitals-dashboard",
    "vitals-producer", "vitals-serve", "vitals-sink",
    "vitals-train",
  ]

  /// The folder of the built commands, which is that of the test bundle.
  static let products = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()

  /// Runs a command to its end, in an environment without any of the product's settings.
  static func run(
    _ command: String, _ arguments: [String], in directory: URL? = nil, environment: [String: String] = [:],
    input: Data? = nil
  ) throws -> CommandRun {
    try start(products.appending(path: command), arguments, in: directory, environment: environment, input: input)
  }

  /// Runs a line of shell in which commands are found by name.
  static func shell(_ line: String, in directory: URL? = nil) throws -> CommandRun {
    try start(URL(filePath: "/bin/bash"), ["-c", line], in: directory, environment: [:], input: nil)
  }

  private static func start(
    _ executable: URL, _ arguments: [String], in directory: URL?, environment: [String: String], input: Data?
  ) throws -> CommandRun {
    // Files rather than pipes: a pipe that nobody empties stops its writer.
    let folder = try TemporaryFolder()
    for name in ["out", "err", "in"] { try (name == "in" ? input ?? Data() : Data()).write(to: folder.url(name)) }
    let process = Process()
    process.executableURL = executable
    process.arguments = arguments
    process.currentDirectoryURL = directory ?? folder.root
    process.environment = ["PATH": "\(products.path):/usr/bin:/bin", "COLUMNS": "80", "LC_ALL": "C.UTF-8"]
      .merging(environment) { $1 }
    process.standardInput = try FileHandle(forReadingFrom: folder.url("in"))
    process.standardOutput = try FileHandle(forWritingTo: folder.url("out"))
    process.standardError = try FileHandle(forWritingTo: folder.url("err"))
    let end = try process.start()
    end.wait()
    return CommandRun(
      output: String(decoding: try Data(contentsOf: folder.url("out")), as: UTF8.self),
      errors: String(decoding: try Data(contentsOf: folder.url("err")), as: UTF8.self),
      status: process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus)
  }
}

/// A folder of a test's own, gone with the value.
final class TemporaryFolder {
  let root: URL

  init() throws {
    root = FileManager.default.temporaryDirectory.appending(path: "command-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: root) }

  /// A place in the folder.
  func url(_ path: String) -> URL { root.appending(path: path) }

  /// The path of a place in the folder.
  func path(_ path: String) -> String { url(path).path }

  /// Writes a file and the folders above it; gives its path.
  @discardableResult func write(_ bytes: [UInt8], to path: String) throws -> String {
    try FileManager.default.createDirectory(
      at: url(path).deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: url(path))
    return self.path(path)
  }
}

/// Expected outputs, kept as files; `UPDATE_GOLDENS=1` records them anew.
enum Golden {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Goldens")

  /// Compares a text with the file that holds what is expected.
  static func expect(_ text: String, is name: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let file = folder.appending(path: name)
    if ProcessInfo.processInfo.environment["UPDATE_GOLDENS"] == "1" {
      try Data(text.utf8).write(to: file)
      return
    }
    let expected = (try? Data(contentsOf: file)).map { String(decoding: $0, as: UTF8.self) }
    #expect(
      text == expected, "differs from Goldens/\(name); record with UPDATE_GOLDENS=1", sourceLocation: sourceLocation)
  }

  /// The names of the files in a folder of expectations.
  static func names(in name: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.appending(path: name).path).sorted()
  }
}
