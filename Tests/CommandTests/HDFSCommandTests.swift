import Foundation
import Testing

/// The real HDFS that tests run against.
enum RealHDFS {
  static let url = ProcessInfo.processInfo.environment["VITALS_TEST_HDFS_URL"] ?? ""
  /// Why a test is skipped.
  static let missing: Comment = "no real HDFS: start one with tools/hdfs and set VITALS_TEST_HDFS_URL"
}

/// What HDFS itself says, without a client of ours.
private enum HDFSQuestion {
  static func ask(_ path: String, _ operation: String) throws -> [String: Any] {
    let url = "\(RealHDFS.url)/webhdfs/v1\(path)?op=\(operation)"
    let answer = try CommandRun.shell("curl -s -f --noproxy '*' '\(url)'")
    return try JSONSerialization.jsonObject(with: Data(answer.output.utf8)) as? [String: Any] ?? [:]
  }
}

/// `hdfs-fs` and `hdfs-sync` as a person runs them, against a real HDFS.
@Suite(.enabled(if: !RealHDFS.url.isEmpty, RealHDFS.missing))
struct HDFSCommandTests {
  private func run(
    _ command: String, _ arguments: [String], input: Data? = nil, in directory: URL? = nil
  ) throws -> CommandRun {
    try CommandRun.run(
      command, arguments, in: directory,
      environment: ["HDFS_URL": RealHDFS.url, "HDFS_USER": ProcessInfo.processInfo.userName], input: input)
  }

  private func fs(_ arguments: String..., input: Data? = nil) throws -> CommandRun {
    try run("hdfs-fs", arguments, input: input)
  }

  /// Runs a body with a directory on HDFS, removed afterwards.
  private func withDirectory(_ body: (String, TemporaryFolder) throws -> Void) throws {
    let directory = "/command-test-\(UUID().uuidString)"
    #expect(try fs("mkdir", "-p", directory).status == 0)
    defer { _ = try? fs("rm", "-r", directory) }
    try body(directory, try TemporaryFolder())
  }

  @Test(arguments: [
    "ls", "cat", "head", "tail", "put", "get", "stat", "test", "mkdir", "mv", "rm", "du", "checksum", "chmod", "chown",
    "setrep",
  ])
  func helpOfSubcommands(_ name: String) throws {
    let help = try fs(name, "--help")
    #expect(help.status == 0 && help.errors.isEmpty)
    try Golden.expect(help.output, is: "hdfs-fs/\(name).txt")
  }

  @Test func filesGoUpAndComeBack() throws {
    try withDirectory { (directory, folder) throws in
      let names = ["a b.bin", "c+d.bin", "empty.bin"]
      for (index, name) in names.enumerated() {
        try folder.write([UInt8](repeating: UInt8(index), count: index == 2 ? 0 : 300_000 + index), to: "up/\(name)")
      }
      let paths = names.map { folder.path("up/\($0)") }
      #expect(try run("hdfs-fs", ["put"] + paths + [directory]).status == 0)
      let again = try run("hdfs-fs", ["put"] + paths + [directory])
      #expect(again.status == 1 && again.errors.contains("replace it with --force"))
      #expect(try run("hdfs-fs", ["put", "--resume"] + paths + [directory]).status == 0)
      // Who writes a slash means a directory: no file of that name.
      let slash = try run("hdfs-fs", ["put", paths[0], "\(directory)/none/"])
      #expect(slash.status == 1 && slash.errors.contains("no such directory"))
      #expect(try fs("test", "-e", "\(directory)/none").status == 1)
      try FileManager.default.createDirectory(at: folder.url("down"), withIntermediateDirectories: true)
      #expect(try fs("get", "\(directory)/*.bin", folder.path("down")).status == 0)
      for name in names {
        #expect(try Data(contentsOf: folder.url("down/\(name)")) == Data(contentsOf: folder.url("up/\(name)")))
      }
    }
  }

  /// A download that was interrupted goes on where it was; one of another source, or of none, begins anew, and one
  /// whose bytes are wrong is told of and thrown away.
  @Test func anInterruptedDownloadGoesOn() throws {
    try withDirectory { (directory, folder) throws in
      let content = Data((0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 7 ^ $0 >> 8) })
      #expect(try fs("put", "-", "\(directory)/f", input: content).status == 0)
      let status = try HDFSQuestion.ask("\(directory)/f", "GETFILESTATUS")["FileStatus"] as? [String: Any]
      let id = try #require(status?["fileId"] as? Int)
      let modified = try #require(status?["modificationTime"] as? Int)
      func part(_ bytes: Data, arrived: Int, id: Int) throws {
        func line(_ text: String, _ count: Int) -> Data {
          Data((text.padding(toLength: count - 1, withPad: " ", startingAt: 0) + "\n").utf8)
        }
        let notes = line("hdfs-download 1 300000 \(id) \(modified)", 128) + line(String(arrived), 20)
        try folder.write(Array(bytes + Data(count: 300_000 - bytes.count) + notes), to: "down/.f.part")
      }
      func get() throws -> CommandRun { try fs("get", "--resume", "\(directory)/f", folder.path("down/f")) }
      func isWhole() throws -> Bool {
        defer { try? FileManager.default.removeItem(at: folder.url("down/f")) }
        return try Data(contentsOf: folder.url("down/f")) == content
          && FileManager.default.contentsOfDirectory(atPath: folder.path("down")) == ["f"]
      }
      try part(content[..<200_000], arrived: 200_000, id: id)
      #expect(try get().status == 0)
      #expect(try isWhole())
      // Bytes that were not of this file show that they are gone on with, and that nothing is believed.
      try part(Data([9, 9, 9]), arrived: 200_000, id: id)
      #expect(try get().status == 65)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path("down")) == [])
      for (bytes, arrived, other) in [(Data([9, 9, 9]), 200_000, id + 1), (content, 300_000, id)] {
        try part(bytes, arrived: arrived, id: other)
        #expect(try get().status == 0)
        #expect(try isWhole())
      }
      try folder.write([9, 9, 9], to: "down/.f.part")
      #expect(try get().status == 0)
      #expect(try isWhole())
    }
  }

  /// A big file goes up in parts and comes back in pieces.
  @Test func aBigFileGoesInParts() throws {
    try withDirectory { (directory, folder) throws in
      var content = Data(count: 150 << 20)
      for index in stride(from: 0, to: content.count, by: 4_099) {
        content[index] = UInt8(truncatingIfNeeded: index >> 4)
      }
      try content.write(to: folder.url("big"))
      let path = folder.path("big")
      #expect(try fs("put", "--resume", path, "\(directory)/big").status == 0)
      #expect(try fs("put", "--resume", path, "\(directory)/big").status == 0)
      try folder.write([1], to: "other")
      #expect(try fs("put", "--resume", folder.path("other"), "\(directory)/big").status == 1)
      #expect(try fs("get", "--resume", "\(directory)/big", folder.path("back")).status == 0)
      #expect(try Data(contentsOf: folder.url("back")) == content)
      let names = try HDFSQuestion.ask(directory, "LISTSTATUS")["FileStatuses"] as? [String: [[String: Any]]]
      #expect(names?["FileStatus"]?.map { $0["pathSuffix"] as? String } == ["big"])
    }
  }

  @Test func textIsShownFromBothEnds() throws {
    try withDirectory { (directory, folder) throws in
      let lines = (1...50_000).map(String.init).joined(separator: "\n") + "\n"
      #expect(try fs("put", "-", "\(directory)/lines", input: Data(lines.utf8)).status == 0)
      #expect(try fs("cat", "\(directory)/lines").output == lines)
      #expect(try fs("head", "-n", "2", "\(directory)/lines").output == "1\n2\n")
      #expect(try fs("head", "-c", "3", "\(directory)/lines").output == "1\n2")
      #expect(try fs("tail", "-n", "2", "\(directory)/lines").output == "49999\n50000\n")
      #expect(try fs("tail", "-c", "4", "\(directory)/lines").output == "000\n")
      #expect(try fs("tail", "-n", "100000", "\(directory)/lines").output == lines)
      #expect(try fs("head", "-n", "0", "\(directory)/lines").output.isEmpty)
      #expect(try fs("put", "-", "\(directory)/open", input: Data("a\nb".utf8)).status == 0)
      #expect(try fs("tail", "-n", "1", "\(directory)/open").output == "b")
    }
  }

  @Test func questionsPatternsAndChanges() throws {
    try withDirectory { (directory, _) throws in
      for name in ["a1", "a2", "b1", ".hidden"] {
        #expect(try fs("put", "-", "\(directory)/d/\(name)", input: Data("x".utf8)).status == 0)
      }
      #expect(try fs("put", "-", "\(directory)/empty", input: Data()).status == 0)
      let answers = [
        ("-e", "", 0), ("-d", "", 0), ("-f", "", 1), ("-f", "/empty", 0), ("-z", "/empty", 0), ("-z", "/d/a1", 1),
        ("-e", "/none", 1),
      ]
      for (question, path, status) in answers {
        #expect(try fs("test", question, "\(directory)\(path)").status == status, "\(question) \(path)")
      }
      let listed = try fs("ls", "--format", "tsv", "\(directory)/*/a[12]").output.split(separator: "\n").dropFirst()
      #expect(listed.map { $0.split(separator: "/").last ?? "" } == ["a1", "a2"])
      #expect(try fs("ls", "\(directory)/none*").status == 1)
      #expect(try fs("setrep", "2", "\(directory)/d/a1").status == 0)
      #expect(try fs("chmod", "-R", "700", "\(directory)/d").status == 0)
      let stat = try fs("stat", "--format", "ndjson", "\(directory)/d/a1").output
      #expect(stat.contains("\"replication\":2") && stat.contains("\"permission\":\"700\""))
      #expect(try fs("rm", "\(directory)/d/*").status == 0)
      #expect(try fs("ls", "--format", "tsv", "\(directory)/d").output.contains(".hidden"))
      #expect(try fs("rm", "\(directory)/d").status == 1)
      #expect(try fs("cat", "\(directory)").status == 1)
    }
  }

  @Test func aDirectoryOfFilesIsPushedOnce() throws {
    try withDirectory { (directory, folder) throws in
      let parquet = Array("PAR1".utf8) + [UInt8](repeating: 7, count: 5_000) + Array("PAR1".utf8)
      for name in ["x/a.parquet", "x/b.parquet", "_skipped/c.parquet", "notes.txt"] {
        try folder.write(parquet, to: "files/\(name)")
      }
      let target = RealHDFS.url.replacingOccurrences(of: "http://", with: "webhdfs://") + directory + "/plain"
      func sync(_ more: String...) throws -> CommandRun {
        try run("hdfs-sync", ["--files", folder.path("files"), "--table", target] + more)
      }
      let dry = try sync("--dry-run")
      #expect(dry.status == 0 && dry.output == "would bring home 2 files (10016 bytes)\n")
      #expect(try fs("test", "-e", "\(directory)/plain").status == 1)
      #expect(try sync("--verify").output == "brought home 2 files (10016 bytes)\n")
      let again = try sync("--json")
      #expect(again.status == 0 && again.output.contains("\"already_landed\":2"))
      // Half a file is left alone, and so is a name that another content holds.
      try folder.write(Array(parquet.dropLast(2)), to: "files/x/half.parquet")
      try folder.write(parquet.map { $0 == 7 ? 8 : $0 }, to: "files/x/a.parquet")
      let partly = try sync()
      #expect(partly.status == 75)
      #expect(partly.output.contains("not a complete Parquet file") && partly.output.contains("holds the name"))
      #expect(try fs("test", "-e", "\(directory)/plain/x/half.parquet").status == 1)
      #expect(try fs("checksum", "--format", "tsv", "\(directory)/plain/x/a.parquet").status == 0)
    }
  }

  @Test func aServerThatIsAwayIsSaidSo() throws {
    let away = "webhdfs://127.0.0.1:1/t"
    let list = try fs("ls", away)
    #expect(list.status == 69 && list.output.isEmpty && list.errors.split(separator: "\n").count == 1)
    let folder = try TemporaryFolder()
    try folder.write(Array("PAR1 and PAR1 PAR1".utf8), to: "files/a.parquet")
    let sync = try run("hdfs-sync", ["--files", folder.path("files"), "--table", away])
    #expect(sync.status == 69)
    #expect(FileManager.default.fileExists(atPath: folder.path("files/a.parquet")))
    let nothing = try run("hdfs-sync", ["--spool", folder.path("none"), "--table", away])
    #expect(nothing.status == 0 && nothing.output == "nothing to do\n")
  }
}
