import ArgumentParser
import CommandSupport
import CoreMetrics
import Kafka
import Landing
import Logging

/// `vitals-sink`: land a Kafka topic as a Delta table.
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
      HDFS_CLIENT_KEY and HDFS_HOST_MAP, in the environment or in .env.
      """,
    version: ProductVersion.current)

  @OptionGroup(title: "Where from") var source: SourceOptions
  @OptionGroup(title: "Where to") var target: TargetOptions
  @OptionGroup(title: "When a batch is full") var rotation: RotationOptions
  @OptionGroup(title: "What it tells") var telemetry: TelemetryOptions
  @OptionGroup var common: CommonOptions

  mutating func run() async throws {
    common.bootstrapLogging()
    let (source, target, rotation, telemetry) = (source, target, rotation, telemetry)
    try await runCommand("vitals-sink") {
      let settings = try await Settings.load()
      let topic = settings.string(flag: source.topic, .topic)
      var configuration = SinkConfiguration(
        source: TopicSource(topic: topic), layout: try source.layout(target.partitionBy.partitioning),
        table: try target.table(settings),
        spool: try target.spool(settings, topic: topic), engine: "vitals-lake/\(ProductVersion.current)")
      configuration.rotation = try rotation.rotation(settings)
      configuration.outageAfter = .seconds(target.outageSeconds)
      configuration.untilEnd = source.untilEnd
      configuration.fromMillis = try source.fromMillis()
      configuration.acceptsGap = source.acceptGap
      configuration.newIncarnation = source.newIncarnation
      configuration.recordsPerSecond = source.rateLimit
      let server = try telemetry.server(&configuration)
      defer { server?.stop() }
      try await Self.land(configuration, consumer: try source.consumer(settings))
    }
  }

  private static func land(_ configuration: SinkConfiguration, consumer: KafkaConsumer) async throws {
    let sink = Sink(configuration, consumer: consumer, log: Logger(label: "vitals-sink"))
    let report = try await withShutdownSignals {
      try await withTaskCancellationHandler {
        try await sink.run()
      } onCancel: {
        // The sink lands what it holds before it ends; the task itself is not torn down.
        Task { await sink.stop() }
      }
    }
    StandardError.print(report.summary)
    if !report.stopped.isEmpty {
      throw CommandError("partitions were left alone: \(report.stopped.joined(separator: "; "))")
    }
  }
}

extension TelemetryOptions {
  /// Serves the metrics of this process, if a port is named.
  func server(_ configuration: inout SinkConfiguration) throws -> StatusServer? {
    guard let metricsPort else { return nil }
    let (registry, health) = (PrometheusRegistry(), Health())
    MetricsSystem.bootstrap(registry)
    configuration.health = health
    let server = try StatusServer(
      port: metricsPort, answer: StatusServer.answers(registry: registry, health: health))
    Logger(label: "vitals-sink").notice("serving metrics", metadata: ["port": "\(server.port)"])
    return server
  }
}
