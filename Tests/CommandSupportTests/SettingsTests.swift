import Storage
import Testing
import WebHDFS

@testable import CommandSupport

@Suite struct SettingsTests {
  @Test func theNearestSourceWins() {
    let settings = Settings(environment: ["KAFKA_TOPIC": "env"], file: ["KAFKA_TOPIC": "file", "HDFS_USER": "hana"])
    #expect(settings.string(flag: "flag", .topic) == "flag")
    #expect(settings.string(.topic) == "env")
    #expect(settings.string(.hdfsUser) == "hana")
    #expect(settings.string(.bootstrapServers) == "localhost:9092")
    #expect(settings.optional(.hdfsTokenFile) == nil)
  }

  @Test func defaults() throws {
    let settings = Settings(environment: [:])
    #expect(settings.string(.topic) == "vitals")
    #expect(settings.string(.hdfsURL) == "http://localhost:9870")
    #expect(settings.string(.hdfsUser) == "root")
    #expect(settings.string(.hdfsDirectory) == "/data/vitals/")
    #expect(try settings.batchSize() == 50_000)
    #expect(try settings.flushSeconds() == 5)
    #expect(Setting.topic.help == "(KAFKA_TOPIC; default: vitals)")
    #expect(Setting.hdfsDoAs.help == "(HDFS_DOAS)")
  }

  @Test func anEmptyValueIsUnset() throws {
    let settings = Settings(environment: ["KAFKA_TOPIC": "", "BATCH_SIZE": ""], file: ["HDFS_USER": "\"\""])
    #expect(settings.string(.topic) == "vitals")
    #expect(settings.string(.hdfsUser) == "root")
    #expect(try settings.batchSize() == 50_000)
  }

  /// A line of `.env` behind the equals sign, and the value meant.
  @Test(arguments: [
    ("plain", "plain"), ("\"in quotes\"", "in quotes"), ("'single'", "single"), ("\"a # b\"", "a # b"),
    ("\"a\" # note", "a"), ("a # note", "a"), ("a#b", "a#b"), ("# note", ""), ("\"open", "\"open"),
    ("\"a\"b", "\"a\"b"), ("it's", "it's"), ("", ""), ("\"", "\""), ("http://h:1/#x", "http://h:1/#x"),
  ])
  func linesOfTheFile(_ line: String, expected: String) {
    #expect(Settings.unquoted(line) == expected)
  }

  @Test func quotesInTheEnvironmentStay() {
    #expect(Settings(environment: ["KAFKA_TOPIC": "\"t\""]).string(.topic) == "\"t\"")
    #expect(Settings(environment: [:], file: ["export KAFKA_TOPIC": "'t'"]).string(.topic) == "t")
  }

  @Test(arguments: [
    ("abc", "BATCH_SIZE: \"abc\" is not a whole number"), ("1.5", "is not a whole number"), ("0", "is outside 1 to"),
    ("99999999999999999999", "is not a whole number"), ("-1", "is outside"), ("1 000", "is not a whole number"),
  ])
  func aMalformedNumberIsAnError(_ text: String, expected: String) {
    let error = #expect(throws: CommandError.self) { try Settings(environment: ["BATCH_SIZE": text]).batchSize() }
    #expect(error?.exit == .usage)
    #expect(error?.message.contains(expected) == true, "\(error?.message ?? "")")
  }

  @Test(arguments: ["nan", "inf", "x", "0", "1e9"]) func aMalformedDurationIsAnError(_ text: String) {
    #expect(throws: CommandError.self) { try Settings(environment: ["BATCH_FLUSH_SECS": text]).flushSeconds() }
  }

  @Test func numbersAreRead() throws {
    let settings = Settings(environment: ["BATCH_SIZE": "200"], file: ["BATCH_FLUSH_SECS": "\"0.5\""])
    #expect(try settings.batchSize() == 200)
    #expect(try settings.batchSize(flag: 7) == 7)
    #expect(try settings.flushSeconds() == 0.5)
    #expect(throws: CommandError.self) { try settings.batchSize(flag: 0) }
    #expect(try settings.int("OTHER", default: 3) == 3)
  }

  @Test func aMissingFileIsNone() async throws {
    _ = try await Settings.load(file: "/nonexistent/.env")
  }
}

@Suite struct LocationTests {
  @Test func kinds() throws {
    #expect(try Location(parsing: "-") == .standardStream)
    #expect(try Location(parsing: "a/b.parquet") == .local(path: "a/b.parquet"))
    #expect(try Location(parsing: "file:///a/b") == .local(path: "/a/b"))
    guard case .hdfs(let url) = try Location(parsing: "webhdfs://ann@one:50070,two/data/t/") else {
      Issue.record("no HDFS location")
      return
    }
    #expect(url.user == "ann" && url.path == "/data/t" && !url.isSecure)
    #expect(url.nameNodes == [Endpoint(host: "one", port: 50070), Endpoint(host: "two", port: 9870)])
  }

  @Test(arguments: [
    "", "hdfs://h/x", "s3://b/x", "webhdfs://", "webhdfs://h:0/x", "webhdfs://h:99999/x", "webhdfs:///x",
  ])
  func whatIsNoLocation(_ text: String) {
    let error = #expect(throws: CommandError.self) { try Location(parsing: text) }
    #expect(error?.exit == .usage)
  }

  @Test func theDefaultTable() throws {
    let location = try Location.defaultTable(Settings(environment: [:]))
    #expect(location.description == "webhdfs://localhost:9870/data/vitals")
    let other = Settings(environment: ["HDFS_URL": "https://one:1", "HDFS_DIR": "lake"])
    #expect(try Location.defaultTable(other).description == "swebhdfs://one:1/lake")
    #expect(throws: CommandError.self) { try Location.defaultTable(Settings(environment: ["HDFS_URL": "ftp://x"])) }
  }

  @Test func settingsOfHDFS() throws {
    guard case .hdfs(let url) = try Location(parsing: "webhdfs://h/x") else { return }
    let settings = Settings(environment: [
      "HDFS_USER": "ann", "HDFS_DOAS": "bob", "HDFS_TOKEN_FILE": "/t", "HDFS_CA_FILE": "/c", "HDFS_CLIENT_CERT": "/cc",
      "HDFS_CLIENT_KEY": "/ck", "HDFS_HOST_MAP": "a=1.2.3.4, b = 5.6.7.8",
    ])
    let configuration = try WebHDFSConfiguration(location: url, settings: settings)
    #expect(configuration.user == "ann" && configuration.doAs == "bob" && configuration.tokenFile == "/t")
    #expect(configuration.caFile == "/c" && configuration.clientCertificateFile == "/cc")
    #expect(configuration.clientKeyFile == "/ck" && configuration.hostMap == ["a": "1.2.3.4", "b": "5.6.7.8"])
    let broken = Settings(environment: ["HDFS_HOST_MAP": "a"])
    #expect(throws: CommandError.self) { try WebHDFSConfiguration(location: url, settings: broken) }
  }

  @Test func stores() throws {
    let settings = Settings(environment: [:])
    #expect(try Location(parsing: "/a").fileStore(settings).root == "/a")
    #expect(throws: CommandError.self) { try Location.standardStream.fileStore(settings) }
    #expect(try Location(parsing: "webhdfs://h/x").fileStore(settings).root.contains("x"))
  }
}

@Suite struct ErrorMappingTests {
  @Test(arguments: [
    (StorageError.Code.notFound, CommandSupport.ExitStatus.failure), (.unavailable, .unavailable),
    (.outcomeUnknown, .unavailable),
    (.corrupt, .dataError), (.truncated, .dataError), (.invalidPath, .usage), (.outOfSpace, .failure),
  ])
  func storage(_ code: StorageError.Code, expected: CommandSupport.ExitStatus) {
    let error = CommandError(describing: StorageError(code, path: "p", message: "m"))
    #expect(error.exit == expected && error.message == "p: m")
  }

  @Test func statusNumbers() {
    let numbers = [CommandSupport.ExitStatus.success, .failure, .usage, .dataError, .unavailable, .partlyDone].map(
      \.rawValue)
    #expect(numbers == [0, 1, 64, 65, 69, 75])
  }
}
