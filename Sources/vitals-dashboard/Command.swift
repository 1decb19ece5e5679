import ArgumentParser
import CommandSupport
import Dashboard
import Logging
import Serving
import Storage

/// `vitals-dashboard`: the ward on a screen.
@main
struct Command: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "vitals-dashboard",
    abstract: "Show the ward in a browser: latest vitals, trends, alarms, and a risk form.",
    discussion: """
      Follows the table that vitals-sink lands, and the spool of a sink on this host, and pushes what is new to open \
      pages at once. Pages and logs name patients by keys that only this installation can make. Runs until SIGTERM or \
      SIGINT.

        vitals-dashboard --table data/vitals --model-url http://localhost:8000
        open http://localhost:8502

      Not a medical device.
      """,
    version: ProductVersion.current)

  @Option(help: "The interface to listen on.")
  var host = "127.0.0.1"

  @Option(help: "The port; 0 takes a free one, which is logged.")
  var port = 8502

  @Option(help: ArgumentHelp("The table: a directory or webhdfs:// URL. (HDFS_URL + HDFS_DIR)", valueName: "location"))
  var table: String?

  @Option(
    help: ArgumentHelp(
      "The spool of a sink on this host. (default: data/vitals_data/<topic> beside a table on HDFS)",
      valueName: "folder"))
  var spool: String?

  @Option(
    help: ArgumentHelp("The dead-letter table. (default: the table's name with _dead_letters)", valueName: "location"))
  var deadLetter: String?

  @Option(help: ArgumentHelp("The address of vitals-serve, for the risk form. (MODEL_URL)", valueName: "url"))
  var modelUrl: String?

  @Option(
    help: ArgumentHelp(
      "A model of vitals-train --label deteriorates, whose probability stands on the pages of patients.",
      valueName: "folder"))
  var earlyWarningModel = "models/deterioration"

  @Option(help: "Seconds between two updates of a page, 1 to 30; each reader may choose another.")
  var refresh = 5

  @Option(help: "How often the sink flushes, in seconds: stale is who is silent twice as long. (BATCH_FLUSH_SECS)")
  var flushSeconds: Double?

  @Option(
    help: ArgumentHelp(
      "Thresholds of wards and patients, and where alarms are sent, as JSON; see docs/dashboard.md.",
      valueName: "file"))
  var settings: String?

  @Option(
    help: ArgumentHelp(
      "Show only to who logs in with a token of this file, one a line. (DASHBOARD_TOKEN_FILE)", valueName: "file"))
  var tokenFile: String?

  @Option(
    help: ArgumentHelp(
      "What outlives a restart: the secret of the patients' keys, alarms, and the log of who looked at whom.",
      valueName: "folder"))
  var state = "data/dashboard"

  @Option(help: ArgumentHelp("How readers reach this server, for the addresses in messages.", valueName: "url"))
  var publicUrl: String?

  @Option(help: "How many pages may be open at the same time.")
  var maxStreams = DashboardLimits().streams

  @OptionGroup var tls: TLSOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard (0...65_535).contains(port) else { throw ValidationError("--port is 0 to 65535.") }
    guard (1...30).contains(refresh) else { throw ValidationError("--refresh is 1 to 30.") }
    guard (1...100_000).contains(maxStreams) else { throw ValidationError("--max-streams is 1 to 100000.") }
  }

  mutating func run() async throws {
    common.bootstrapLogging()
    let command = self
    try await runCommand("vitals-dashboard", translate: { ($0 as? ServingError).map { CommandError("\($0)") } }) {
      try await command.serve()
    }
  }

  private func serve() async throws {
    let environment = try await Settings.load()
    let configuration = try serverConfiguration(environment)
    let server = DashboardServer(configuration, log: Logger(label: "vitals-dashboard"))
    let (origin, log) = ("\(configuration.scheme)://\(host)", Logger(label: "vitals-dashboard"))
    try await withShutdownSignals {
      try await server.run { port in
        log.notice("showing the ward", metadata: ["url": "\(origin):\(port)"])
      }
    }
  }

  private func serverConfiguration(_ environment: Settings) throws(CommandError) -> DashboardServer.Configuration {
    let flush = try environment.flushSeconds(flag: flushSeconds)
    var configuration = DashboardServer.Configuration(
      address: .init(host: host, port: port), stores: try stores(environment), settings: try wardSettings(flush))
    configuration.certificate = try tls.files(environment).map {
      CertificateFiles(certificate: $0.certificate, key: $0.key)
    }
    configuration.modelURL = environment.string(flag: modelUrl, "MODEL_URL")
    configuration.modelToken = environment.string("MODEL_TOKEN")
    configuration.refresh = refresh
    configuration.publicURL = publicUrl
    configuration.limits.streams = maxStreams
    configuration.limits.connections = max(configuration.limits.connections, maxStreams * 2)
    if let path = environment.string(flag: tokenFile, "DASHBOARD_TOKEN_FILE") {
      let text = String(decoding: try SmallFile.read(path), as: UTF8.self)
      do { configuration.tokens = try AccessTokens(lines: text) } catch {
        throw CommandError("\(path): \(error)", exit: .usage)
      }
    }
    let folder = LocalFileStore(root: state, isPrivate: true)
    configuration.state = folder
    configuration.views = try viewLog()
    configuration.earlyWarning = LocalFileStore(root: earlyWarningModel)
    return configuration
  }

  private func viewLog() throws(CommandError) -> ViewLog {
    guard let views = ViewLog(folder: state) else {
      throw CommandError("\(state): the log of views cannot be written – check the folder, or give another --state")
    }
    return views
  }

  private func stores(_ environment: Settings) throws(CommandError) -> DashboardStores {
    let location =
      if let table { try Location(parsing: table) } else { try Location.defaultTable(environment) }
    let letters =
      if let deadLetter { try Location(parsing: deadLetter) } else { try location.sibling(suffix: "_dead_letters") }
    var stores = DashboardStores(table: try location.fileStore(environment))
    stores.deadLetters = try letters.fileStore(environment)
    if let spool {
      stores.spool = LocalFileStore(root: spool, isPrivate: true)
    } else if case .hdfs = location {
      stores.spool = LocalFileStore(root: "data/vitals_data/\(environment.string(.topic))", isPrivate: true)
    }
    return stores
  }

  private func wardSettings(_ flush: Double) throws(CommandError) -> WardSettings {
    guard let settings else { return WardSettings(flushSeconds: flush) }
    do {
      return try WardSettings(parsing: try SmallFile.read(settings), flushSeconds: flush)
    } catch let error as CommandError {
      throw error
    } catch {
      throw CommandError("\(settings): \(error)", exit: .usage)
    }
  }
}
