import ArgumentParser
import CommandSupport
import CoreMetrics
import Kafka
import Landing
import Logging
import Telemetry

/// `vitals-sink`: land Kafka topics as Delta tables.
@main
struct Command: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "vitals-sink",
    abstract: "Land a Kafka topic as a Delta table of Parquet files, each record once.",
    discussion: """
      The table lies on HDFS, or in a local directory. While HDFS does not answer, batches go to the spool, a local \
      Delta table, and are brought home in order as soon as it answers (or by hdfs-sync). Records that cannot become \
      rows are kept with their reason in the dead-letter table. Runs until SIGTERM or SIGINT, lands what is buffered, \
      and ends. Access to HDFS is set by HDFS_USER, HDFS_DOAS, HDFS_TOKEN_FILE, HDFS_CA_FILE, HDFS_CLIENT_CERT, \
      HDFS_CLIENT_KEY and HDFS_HOST_MAP, in the environment or in .env; access to Kafka by KAFKA_SECURITY_PROTOCOL, \
      KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD or KAFKA_SASL_PASSWORD_FILE, KAFKA_SSL_CA_FILE, \
      KAFKA_SSL_CERT_FILE, KAFKA_SSL_KEY_FILE and KAFKA_SSL_KEY_PASSWORD, or by -X.
      """,
    version: ProductVersion.current)

  @OptionGroup(title: "Where from") var source: SourceOptions
  @OptionGroup(title: "Where to") var target: TargetOptions
  @OptionGroup(title: "Several topics") var routes: RouteOptions
  @OptionGroup(title: "When a batch is full") var rotation: RotationOptions
  @OptionGroup(title: "What it tells") var telemetry: TelemetryOptions
  @OptionGroup var common: CommonOptions

  mutating func run() async throws {
    common.bootstrapLogging()
    let (source, target, routes, rotation, telemetry) = (source, target, routes, rotation, telemetry)
    try await runCommand("vitals-sink") {
      let settings = try await Settings.load()
      let telemetry = try telemetry.start()
      defer { telemetry?.server.stop() }
      let pairs = [(source, target)] + routes.also.map { (source.with($0), target.with($0)) }
      let sinks = try pairs.map { source, target in
        let topic = settings.string(flag: source.topic, .topic)
        var configuration = SinkConfiguration(
          source: TopicSource(topic: topic), layout: try source.layout(target.partitionBy.partitioning),
          table: try target.table(settings), spool: try target.spool(settings, topic: topic),
          engine: "vitals-lake/\(ProductVersion.current)")
        configuration.rotation = try rotation.rotation(settings).shared(among: pairs.count)
        configuration.outageAfter = .seconds(target.outageSeconds)
        try source.apply(to: &configuration, settings)
        configuration.health = telemetry?.health
        return Sink(
          configuration,
          consumer: try source.consumer(settings, prefetchBytes: rotation.prefetchBytes(topics: pairs.count)),
          log: Logger(label: pairs.count == 1 ? "vitals-sink" : "vitals-sink.\(topic)"))
      }
      try await Self.land(sinks)
    }
  }

  /// Runs all sinks to their end; the first that fails ends the others, which land what they hold. Ends the process
  /// when all went well.
  private static func land(_ sinks: [Sink]) async throws {
    let report = try await withShutdownSignals {
      try await withTaskCancellationHandler {
        try await withThrowingTaskGroup(of: SinkReport.self) { group in
          for sink in sinks { group.addTask { try await sink.run() } }
          var all = SinkReport()
          var failure: (any Error)?
          for _ in sinks {
            do {
              if let report = try await group.next() { all.add(report) }
            } catch {
              if failure == nil { failure = error }
              for sink in sinks { await sink.stop() }
            }
          }
          if let failure { throw failure }
          return all
        }
      } onCancel: {
        // The sinks land what they hold before they end; their tasks are not torn down.
        Task { for sink in sinks { await sink.stop() } }
      }
    }
    StandardError.print(report.summary)
    if !report.stopped.isEmpty {
      throw CommandError("partitions were left alone: \(report.stopped.joined(separator: "; "))")
    }
    leaveAtOnce(.success)
  }
}

extension TelemetryOptions {
  /// Serves the metrics of this process, if a port is named.
  func start() throws -> (server: StatusServer, health: Health)? {
    guard let metricsPort else { return nil }
    let (registry, health) = (PrometheusRegistry(), Health())
    MetricsSystem.bootstrap(registry)
    let server = try StatusServer(
      port: metricsPort, answer: StatusServer.answers(registry: registry, health: health))
    Logger(label: "vitals-sink").notice("serving metrics", metadata: ["port": "\(server.port)"])
    return (server, health)
  }
}
