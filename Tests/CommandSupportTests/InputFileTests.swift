import Foundation
import Storage
import Testing

@testable import CommandSupport

@Suite struct GlobTests {
  @Test(arguments: [
    ("*", "abc", true), ("*", ".abc", false), ("*", "_abc", false), ("_*", "_abc", true), ("_*", ".abc", false),
    (".*", ".abc", true), ("a*c", "abc", true), ("a*c", "ac", true),
    ("a*c", "abd", false), ("?", "a", true), ("?", "ä", true), ("?", "", false), ("a?", "a", false),
    ("[a-c]x", "bx", true), ("[a-c]x", "dx", false), ("[!a-c]x", "dx", true), ("[^a]", "a", false), ("[]a]", "]", true),
    ("[a", "[a", true), ("[a-]", "-", true), ("**", "abc", true), ("*.parquet", "x.parquet", true),
    ("*.parquet", "x.parquet.crc", false), ("a*b*c", "aXbYbZc", true), ("", "", true), ("", "a", false),
    ("date=2024-0[1-3]-*", "date=2024-02-29", true), ("date=2024-0[1-3]-*", "date=2024-05-01", false),
  ])
  func matching(pattern: String, name: String, expected: Bool) {
    #expect(Glob(pattern).matches(name) == expected)
  }

  @Test(.timeLimit(.minutes(1))) func hostilePatternsEndSoon() {
    let pattern = String(repeating: "*a", count: 100) + "b"
    #expect(!Glob(pattern).matches(String(repeating: "a", count: 5_000)))
  }
}

@Suite struct PartitionValueTests {
  @Test(
    arguments: [
      ("date=2024-01-01", "date", "2024-01-01"), ("a%20b=c%2Fd", "a b", "c/d"), ("a=", "a", nil),
      ("a=__HIVE_DEFAULT_PARTITION__", "a", nil), ("a=b=c", "a", "b=c"), ("a=%zz", "a", "%zz"), ("a=%", "a", "%"),
    ] as [(String, String, String?)])
  func names(_ name: String, column: String, text: String?) {
    let value = PartitionValue(directory: name)
    #expect(value == PartitionValue(column: column, text: text))
  }

  @Test(arguments: ["", "plain", "=x"]) func otherNames(_ name: String) {
    #expect(PartitionValue(directory: name) == nil)
  }
}

@Suite struct InputFilesTests {
  /// A tree of empty files, removed at the end.
  private func withTree(_ paths: [String], _ body: (String) async throws -> Void) async throws {
    let root = FileManager.default.temporaryDirectory.appending(path: "input-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: root) }
    for path in paths {
      let file = URL(filePath: root).appending(path: path)
      try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data("x".utf8).write(to: file)
    }
    try await body(root)
  }

  private static let tree = [
    "date=2024-01-01/hour=3/b.parquet", "date=2024-01-01/hour=3/a.parquet", "date=2024-01-02/c.parquet",
    "_delta/x.parquet", ".hidden/y.parquet", "notes.txt", "_z.parquet", "top.parquet",
  ]

  private func names(_ location: String, below root: String) async throws -> [String] {
    let files = try await Location(parsing: location).input(Settings(environment: [:])).files
    return files.map { String($0.name.dropFirst(root.count + 1)) }
  }

  @Test func directories() async throws {
    try await withTree(Self.tree) { root in
      let expected = [
        "date=2024-01-01/hour=3/a.parquet", "date=2024-01-01/hour=3/b.parquet", "date=2024-01-02/c.parquet",
        "top.parquet",
      ]
      #expect(try await names(root, below: root) == expected)
      #expect(try await names("\(root)/", below: root) == expected)
      let files = try await Location(parsing: root).input(Settings(environment: [:])).files
      #expect(
        files[0].partitionValues == [
          PartitionValue(column: "date", text: "2024-01-01"), PartitionValue(column: "hour", text: "3"),
        ])
      #expect(files[3].partitionValues.isEmpty)
    }
  }

  @Test func globs() async throws {
    try await withTree(Self.tree) { root in
      #expect(try await names("\(root)/*.parquet", below: root) == ["top.parquet"])
      #expect(
        try await names("\(root)/date=*/*/[ab].parquet", below: root) == [
          "date=2024-01-01/hour=3/a.parquet", "date=2024-01-01/hour=3/b.parquet",
        ])
      #expect(try await names("\(root)/date=*-02", below: root) == ["date=2024-01-02/c.parquet"])
      let files = try await Location(parsing: "\(root)/date=*-02").input(Settings(environment: [:])).files
      #expect(files[0].partitionValues == [PartitionValue(column: "date", text: "2024-01-02")])
    }
  }

  @Test func singleFiles() async throws {
    try await withTree(["a[1].parquet", "b.bin"]) { root in
      // A file whose name looks like a pattern is that file.
      #expect(try await names("\(root)/a[1].parquet", below: root) == ["a[1].parquet"])
      #expect(try await names("\(root)/b.bin", below: root) == ["b.bin"])
      let file = try await Location(parsing: "\(root)/b.bin").input(Settings(environment: [:])).files[0]
      let source = try await file.open()
      #expect(source.size == 1 && source.name == "\(root)/b.bin")
      #expect(try await source.read(0..<1) == [0x78])
    }
  }

  @Test func nothingFound() async throws {
    try await withTree(["a.txt"]) { root in
      for path in ["\(root)/none", "\(root)/*.parquet", root, "\(root)/no*/x"] {
        let error = await #expect(throws: CommandError.self) {
          try await Location(parsing: path).input(Settings(environment: [:]))
        }
        #expect(error?.exit == .failure)
        #expect(error?.message.hasPrefix(path) == true, "\(error?.message ?? "")")
      }
    }
  }
}
