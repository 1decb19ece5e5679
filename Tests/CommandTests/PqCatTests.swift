import Columnar
import CommandSupport
import Foundation
import Testing

@Suite struct PqCatTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func cat(_ arguments: String...) throws -> CommandRun {
    try CommandRun.run("pq-cat", arguments, in: folder.root)
  }

  @Test(arguments: OutputFormat.allCases) func formats(_ format: OutputFormat) throws {
    try folder.write(SampleFiles.readings(), to: "readings.parquet")
    let run = try cat("readings.parquet", "--format", format.rawValue)
    #expect(run.status == 0 && run.errors.isEmpty)
    try Golden.expect(run.output, is: "pq-cat/readings.\(format.rawValue)")
  }

  @Test func aPipeGetsLinesOfJSON() throws {
    try folder.write(SampleFiles.readings(), to: "readings.parquet")
    let run = try cat("readings.parquet")
    try Golden.expect(run.output, is: "pq-cat/readings.ndjson")
    for line in run.output.split(separator: "\n") {
      #expect(try JSONSerialization.jsonObject(with: Data(line.utf8)) is [String: Any])
    }
  }

  @Test(arguments: ["schema", "meta", "stats", "pages", "verify", "count"]) func views(_ view: String) throws {
    try folder.write(SampleFiles.readings(), to: "readings.parquet")
    let run = try cat("readings.parquet", "--\(view)", "--format", "table")
    #expect(run.status == 0 && run.errors.isEmpty)
    #expect(!run.output.contains("\u{1B}"))
    // The bytes of a file may change with the writer, and with them sizes and places; its facts may not.
    if view != "meta" && view != "stats" && view != "pages" { try Golden.expect(run.output, is: "pq-cat/\(view).txt") }
  }

  /// Pages were once listed by top-level fields, so that those of a file with nested columns were taken from others.
  @Test func eachLeafOfANestedFileHasItsPages() throws {
    let items = SampleFiles.texts(["a", "b", "c"])
    let pair = Column(
      type: .structure([Field("left", .string), Field("right", .int(bits: 64))]),
      values: .structure([SampleFiles.texts(["x", "y"]), SampleFiles.integers([1, 2])], count: 2))
    let list = Column(
      type: .list(Field("element", .string)), values: .list(offsets: [0, 2, 3], items: items))
    try folder.write(
      SampleFiles.file([("list", list), ("pair", pair), ("last", SampleFiles.integers([3, 4]))]), to: "n.parquet")
    let run = try cat("n.parquet", "--pages", "--format", "csv")
    #expect(run.status == 0 && run.errors.isEmpty)
    let columns = run.output.split(whereSeparator: \.isNewline).dropFirst().map { $0.split(separator: ",")[2] }
    #expect(Set(columns) == ["list.list.element", "pair.left", "pair.right", "last"])
    let part = try cat("n.parquet", "--pages", "--columns", "pair", "--format", "csv")
    #expect(part.output.split(whereSeparator: \.isNewline).dropFirst().allSatisfy { $0.contains(",pair.") })
  }

  /// Arguments over 35 rows in four row groups, and the numbers of the rows expected.
  @Test(
    arguments: [
      ([], Array(0..<35)), (["--limit", "3"], [0, 1, 2]), (["--offset", "33"], [33, 34]),
      (["--offset", "9", "--limit", "2"], [9, 10]), (["--limit", "0"], []), (["--offset", "99"], []),
      (["--tail", "2"], [33, 34]), (["--tail", "99"], Array(0..<35)), (["--tail", "0"], []),
      (["--sample", "99"], Array(0..<35)), (["--sample", "0"], []),
      (["--limit", "9223372036854775807", "--offset", "34"], [34]),
    ] as [([String], [Int])])
  func rows(arguments: [String], expected: [Int]) throws {
    try folder.write(SampleFiles.counting(0..<20), to: "a.parquet")
    try folder.write(SampleFiles.counting(20..<35), to: "b.parquet")
    let run = try CommandRun.run(
      "pq-cat", ["a.parquet", "b.parquet", "--columns", "i", "--format", "tsv"] + arguments, in: folder.root)
    #expect(run.status == 0)
    #expect(run.output == "i\n" + expected.map { "\($0)\n" }.joined())
  }

  @Test func aSampleIsTheSameForTheSameSeed() throws {
    try folder.write(SampleFiles.counting(0..<1_000), to: "a.parquet")
    let first = try cat("a.parquet", "--sample", "20", "--seed", "7", "--format", "tsv", "--columns", "i")
    let second = try cat("a.parquet", "--sample", "20", "--seed", "7", "--format", "tsv", "--columns", "i")
    let other = try cat("a.parquet", "--sample", "20", "--seed", "8", "--format", "tsv", "--columns", "i")
    #expect(first.output == second.output && first.output != other.output)
    let numbers = first.output.split(separator: "\n").dropFirst().compactMap { Int($0) }
    #expect(numbers.count == 20 && Set(numbers).count == 20 && numbers == numbers.sorted())
  }

  @Test func columnsInTheOrderAsked() throws {
    try folder.write(SampleFiles.counting(0..<2), to: "a.parquet")
    #expect(try cat("a.parquet", "--columns", "s, i", "--format", "csv").output == "s,i\r\nrow 0,0\r\nrow 1,1\r\n")
    let run = try cat("a.parquet", "--columns", "s,nope")
    #expect(run.status == 64 && run.output.isEmpty)
    #expect(run.errors == "pq-cat: --columns: no column is called nope – there are i, s\n")
  }

  @Test func partitionsBecomeColumns() throws {
    try folder.write(SampleFiles.counting(0..<1), to: "t/date=2024-01-01/hour=1/a.parquet")
    try folder.write(SampleFiles.counting(1..<2), to: "t/date=2024-01-02/hour=x/a.parquet")
    try folder.write(SampleFiles.counting(2..<3), to: "t/date=__HIVE_DEFAULT_PARTITION__/hour=%20/a.parquet")
    try folder.write(SampleFiles.counting(3..<4), to: "t/_hidden/a.parquet")
    let expected = """
      {"i":0,"s":"row 0","date":"2024-01-01","hour":"1"}
      {"i":1,"s":"row 1","date":"2024-01-02","hour":"x"}
      {"i":2,"s":"row 2","date":null,"hour":" "}

      """
    #expect(try cat("t").output == expected)
    #expect(try cat("t/*").output == expected)
    #expect(try cat("t", "--columns", "date", "--limit", "1").output == "{\"date\":\"2024-01-01\"}\n")
    #expect(try cat("t", "--count").output == "3\n")
  }

  @Test func filesOfDifferentColumns() throws {
    try folder.write(SampleFiles.file([("a", SampleFiles.integers([1]))]), to: "1.parquet")
    try folder.write(
      SampleFiles.file([("b", SampleFiles.texts(["x"])), ("a", SampleFiles.integers([2]))]), to: "2.parquet")
    #expect(try cat("1.parquet", "2.parquet").output == "{\"a\":1,\"b\":null}\n{\"a\":2,\"b\":\"x\"}\n")
    #expect(try cat("*.parquet", "--schema").output.contains("# 2.parquet\n"))
    try folder.write(SampleFiles.file([("a", SampleFiles.texts(["x"]))]), to: "3.parquet")
    let run = try cat("1.parquet", "3.parquet")
    #expect(run.status == 65 && run.output.isEmpty)
    #expect(run.errors.hasPrefix("pq-cat: 3.parquet: column a has another type"))
  }

  @Test func aDeltaTableIsReadByItsLog() throws {
    try folder.write(SampleFiles.counting(0..<1), to: "t/old.parquet")
    try folder.write(SampleFiles.counting(1..<2), to: "t/date=2024-01-01/new one.parquet")
    let schema =
      #"{\"type\":\"struct\",\"fields\":["#
      + ["i:long", "s:string", "later:double", "date:date"].map { pair in
        let parts = pair.split(separator: ":")
        return #"{\"name\":\"\#(parts[0])\",\"type\":\"\#(parts[1])\",\"nullable\":true,\"metadata\":{}}"#
      }.joined(separator: ",") + "]}"
    let entries = [
      """
      {"protocol":{"minReaderVersion":1,"minWriterVersion":2}}
      {"metaData":{"id":"5b2d2d7a-0b1a-4b7a-9d0e-3a1c7d1c2a11","format":{"provider":"parquet","options":{}},\
      "schemaString":"\(schema)","partitionColumns":["date"],"configuration":{},"createdTime":0}}
      {"add":{"path":"old.parquet","partitionValues":{"date":""},"size":1,"modificationTime":0,"dataChange":true}}

      """,
      """
      {"remove":{"path":"old.parquet","deletionTimestamp":0,"dataChange":true}}
      {"add":{"path":"date=2024-01-01/new%20one.parquet","partitionValues":{"date":"2024-01-01"},"size":1,\
      "modificationTime":0,"dataChange":true}}

      """,
    ]
    for (version, entry) in entries.enumerated() {
      try folder.write(Array(entry.utf8), to: "t/_delta_log/0000000000000000000\(version).json")
    }
    let run = try cat("t")
    #expect(run.errors.isEmpty)
    #expect(run.output == "{\"i\":1,\"s\":\"row 1\",\"later\":null,\"date\":\"2024-01-01\"}\n")
    #expect(try cat("t", "--count").output == "1\n")
    try expectVersions(of: "t")
  }

  /// The table as it was before and after its second entry, by version and by the time of the log's files.
  private func expectVersions(of table: String) throws {
    for (version, time) in [(0, "2026-01-01T10:00:00Z"), (1, "2026-01-01T11:00:00Z")] {
      let entry = folder.root.appending(path: "\(table)/_delta_log/0000000000000000000\(version).json").path
      let date = try Date(time, strategy: .iso8601)
      try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: entry)
    }
    let (old, new) = ("{\"i\":0}\n", "{\"i\":1}\n")
    let cases = [
      (["--table-version", "0"], old), (["--table-version", "1"], new), (["--as-of", "2026-01-01T10:00:00Z"], old),
      (["--as-of", "2026-01-01T10:59:59Z"], old), (["--as-of", "2026-01-01T11:00:00Z"], new),
      (["--as-of", "2026-01-01T12:00:01+01:00"], new), (["--as-of", "2036-01-01T00:00:00Z"], new),
    ]
    for (arguments, rows) in cases {
      let run = try CommandRun.run("pq-cat", [table, "--columns", "i"] + arguments, in: folder.root)
      #expect(run.output == rows && run.errors.isEmpty, "\(arguments): \(run.errors)")
    }
    for arguments in [["--table-version", "2"], ["--as-of", "2026-01-01T09:59:59Z"]] {
      let run = try CommandRun.run("pq-cat", [table] + arguments, in: folder.root)
      #expect(run.status == 1 && run.output.isEmpty, "\(arguments): \(run.errors)")
      #expect(run.errors.filter { $0 == "\n" }.count == 1)
    }
  }

  @Test func standardInput() throws {
    let run = try CommandRun.run("pq-cat", ["-", "--count"], input: Data(SampleFiles.counting(0..<12)))
    #expect(run.status == 0 && run.output == "12\n")
  }

  @Test func aFileWithoutRows() throws {
    try folder.write(SampleFiles.counting(0..<0), to: "a.parquet")
    #expect(try cat("a.parquet").output.isEmpty)
    #expect(try cat("a.parquet", "--format", "csv").output == "i,s\r\n")
    #expect(try cat("a.parquet", "--format", "json").output == "[]\n")
    #expect(try cat("a.parquet", "--verify", "--format", "tsv").output.hasSuffix("\tok\t0\t0\n"))
  }
}

@Suite struct PqCatFailureTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func cat(_ arguments: [String], environment: [String: String] = [:]) throws -> CommandRun {
    try CommandRun.run("pq-cat", arguments, in: folder.root, environment: environment)
  }

  /// One line on standard error that begins with the command's name, and nothing on standard output.
  private func expectFailure(
    _ run: CommandRun, status: Int32, _ part: String, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(run.status == status, "\(run.errors)", sourceLocation: sourceLocation)
    #expect(run.output.isEmpty, sourceLocation: sourceLocation)
    #expect(run.errors.hasPrefix("pq-cat: "), sourceLocation: sourceLocation)
    #expect(run.errors.contains(part), "\(run.errors)", sourceLocation: sourceLocation)
    #expect(run.errors.filter { $0 == "\n" }.count == 1, "\(run.errors)", sourceLocation: sourceLocation)
  }

  @Test func whatIsNotThere() throws {
    expectFailure(try cat(["none.parquet"]), status: 1, "none.parquet: no such file or directory")
    expectFailure(try cat(["none*.parquet"]), status: 1, "no file matches")
    expectFailure(try cat(["."]), status: 1, "no Parquet files")
    expectFailure(try cat(["s3://bucket/x"]), status: 64, "unknown scheme")
    expectFailure(try cat(["a\u{1B}[2J\nb"]), status: 1, #"a\u001b[2J\nb"#)
  }

  @Test func whatIsNotParquet() throws {
    try folder.write(Array("hello, I am no Parquet file".utf8), to: "a.parquet")
    try folder.write([], to: "empty.parquet")
    let whole = try SampleFiles.counting(0..<50)
    try folder.write(Array(whole.dropLast(20)), to: "cut.parquet")
    for name in ["a.parquet", "empty.parquet", "cut.parquet"] {
      expectFailure(try cat([name]), status: 65, name)
      expectFailure(try cat([name, "--count"]), status: 65, name)
    }
  }

  @Test func onlyADeltaTableHasVersions() throws {
    try folder.write(SampleFiles.counting(0..<1), to: "d/a.parquet")
    for location in ["d", "d/a.parquet", "d/*.parquet", "-"] {
      expectFailure(try cat([location, "--table-version", "0"]), status: 64, "only a Delta table has versions")
    }
    expectFailure(try cat(["d", "--as-of", "yesterday"]), status: 64, #"--as-of: "yesterday" is no time"#)
  }

  @Test func verificationTellsOfEachFile() throws {
    var bytes = try SampleFiles.counting(0..<50)
    try folder.write(bytes, to: "good.parquet")
    // Inside the first pages, which are covered by checksums.
    for index in 30..<60 { bytes[index] ^= 0x55 }
    try folder.write(bytes, to: "bad.parquet")
    let run = try cat(["bad.parquet", "good.parquet", "--verify", "--format", "tsv"])
    #expect(run.status == 65)
    #expect(run.output == "file\tstatus\trows\trow_groups\nbad.parquet\tdamaged\t\t\ngood.parquet\tok\t50\t5\n")
    #expect(run.errors.hasPrefix("pq-cat: bad.parquet: ") && run.errors.filter { $0 == "\n" }.count == 1)
  }

  @Test(arguments: [
    [], ["a", "--limit", "-1"], ["a", "--limit", "x"], ["a", "--tail", "1", "--limit", "1"], ["a", "--seed", "1"],
    ["a", "--tail", "1", "--sample", "1"], ["a", "--format", "xml"], ["a", "--schema", "--count"],
    ["a", "--table-version", "1", "--as-of", "2026-01-01T10:00:00Z"], ["a", "--table-version", "-1"],
    ["a", "--columns", ","], ["a", "--sample", "99999999999"], ["a", "--log-level", "loud"],
  ])
  func usage(_ arguments: [String]) throws {
    let run = try cat(arguments)
    #expect(run.status == 64 && run.output.isEmpty)
    #expect(run.errors.hasPrefix("Error: "))
  }

  @Test func aReaderThatHasEnoughIsNoFailure() throws {
    let path = try folder.write(
      SampleFiles.file([("i", SampleFiles.integers(Array(0..<300_000)))]), to: "long.parquet")
    for format in ["ndjson", "tsv", "table"] {
      let run = try CommandRun.shell("pq-cat \(path) --format \(format) | head -n 1; echo ${PIPESTATUS[0]}")
      #expect(run.errors.isEmpty && run.output.hasSuffix("\n0\n"), "\(run)")
    }
  }

  @Test func aFullDiskIsAFailure() throws {
    let path = try folder.write(SampleFiles.counting(0..<10), to: "a.parquet")
    let run = try CommandRun.shell("pq-cat \(path) > /dev/full")
    #expect(run.status == 1 && run.errors.hasPrefix("pq-cat: standard output: "))
  }

  @Test func settingsOfTheEnvironmentAndOfTheFile() throws {
    let url = "webhdfs://127.0.0.1:1/x"
    expectFailure(try cat([url], environment: ["HDFS_HOST_MAP": "nonsense"]), status: 64, "HDFS_HOST_MAP: ")
    try folder.write(Array("# settings\nHDFS_HOST_MAP=\"worse\"\n".utf8), to: ".env")
    expectFailure(try cat([url]), status: 64, #""worse""#)
    expectFailure(try cat([url], environment: ["HDFS_HOST_MAP": "nonsense"]), status: 64, #""nonsense""#)
  }

  @Test func aServiceThatDoesNotAnswer() throws {
    expectFailure(try cat(["webhdfs://127.0.0.1:1/x"]), status: 69, "127.0.0.1:1")
  }
}
