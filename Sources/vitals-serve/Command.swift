import ArgumentParser
import CommandSupport
import Logging
import ModelAPI
import Serving

/// `vitals-serve`: the prediction API.
@main
struct Command: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "vitals-serve",
    abstract: "Serve models of vitals-train over HTTP, with explanations.",
    discussion: """
      POST /predict takes a patient as JSON and answers with a probability and a risk level, POST /explain with what \
      pushed it up or down; /docs tells the rest. A model whose folder is replaced, or whose link is turned, is taken \
      over within a second; no request is dropped. Runs until SIGTERM or SIGINT, answers what has begun, and ends.

        vitals-train fit --data data/diabetes-synthetic.csv --out models/diabetes
        vitals-serve --model models/diabetes
        curl -H 'Content-Type: application/json' -d @patient.json http://localhost:8000/predict
      """,
    version: ProductVersion.current)

  @Option(
    help: ArgumentHelp(
      "A model's folder; NAME=FOLDER names it otherwise than its schema does. May be given several times: the first "
        + "answers at /predict, each at /models/NAME/predict. (MODEL_PATH, default: models/diabetes)",
      valueName: "folder"))
  var model: [String] = []

  @Option(help: "The interface to listen on.")
  var host = "127.0.0.1"

  @Option(help: "The port; 0 takes a free one, which is logged.")
  var port = 8000

  @Option(
    help: ArgumentHelp(
      "Take only requests that bear a token of this file, one a line; /health and /readyz stay open.",
      valueName: "file"))
  var tokenFile: String?

  @Option(
    help: ArgumentHelp(
      "Keep account of every prediction in a Delta table; it holds what is known of patients, so guard it as such.",
      valueName: "location"))
  var audit: String?

  @Flag(inversion: .prefixedNo, help: "Log each request: route, status and time.")
  var accessLog = false

  @Option(help: "How many requests are answered at the same time; further ones get 503.")
  var maxRequests = ServerLimits().requests

  @Option(help: "How many connections are taken; further ones wait.")
  var maxConnections = ServerLimits().connections

  @Option(help: "Seconds for a body to come, and for a connection without a request.")
  var patience = 10

  @OptionGroup var tls: TLSOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard (0...65_535).contains(port) else { throw ValidationError("--port is 0 to 65535.") }
    guard maxRequests > 0, maxConnections > 0, patience > 0 else {
      throw ValidationError("--max-requests, --max-connections and --patience are above 0.")
    }
  }

  mutating func run() async throws {
    common.bootstrapLogging()
    let command = self
    try await runCommand("vitals-serve", translate: { ($0 as? ServingError).map { CommandError("\($0)") } }) {
      try await command.serve()
    }
  }

  private func serve() async throws {
    let settings = try await Settings.load()
    let folders = model.isEmpty ? [settings.string("MODEL_PATH", default: "models/diabetes")] : model
    let tokens = try tokenFile.map { path in
      let text = String(decoding: try SmallFile.read(path), as: UTF8.self)
      do { return try AccessTokens(lines: text) } catch { throw CommandError("\(path): \(error)", exit: .usage) }
    }
    var limits = ServerLimits()
    (limits.requests, limits.connections, limits.patience) = (maxRequests, maxConnections, .seconds(patience))
    let shelf = try ModelShelf(folders.map { ModelFolder($0) })
    let log = Logger(label: "vitals-serve")
    let audit = try audit.map { text in
      AuditTrail(
        store: try Location(parsing: text).fileStore(settings), engine: "vitals-lake/\(ProductVersion.current)")
    }
    let certificate = try tls.files(settings).map { CertificateFiles(certificate: $0.certificate, key: $0.key) }
    let server = ModelServer(
      shelf, at: .init(host: host, port: port), certificate: certificate, limits: limits, tokens: tokens, audit: audit,
      log: log, logsAccess: accessLog)
    let origin = "\(certificate == nil ? "http" : "https")://\(host)"
    try await withShutdownSignals {
      try await server.run { port in
        for model in shelf.all {
          log.notice("serving", metadata: ["model": "\(model.name)", "version": "\(model.version)"])
        }
        log.notice("answering", metadata: ["url": "\(origin):\(port)", "docs": "\(origin):\(port)/docs"])
      }
    }
  }
}
