import ArgumentParser
import CommandSupport
import Kafka
import Logging

/// `vitals-producer`: simulated or recorded patients as Kafka messages.
@main
struct Command: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "vitals-producer",
    abstract: "Send simulated or recorded vital signs to Kafka, one message a reading.",
    discussion: """
      Without --count or --replay it runs until SIGTERM or SIGINT, then waits for what it sent. It ends with 0 only \
      when the brokers acknowledged every message (acks=all, idempotent). A recording whose columns have other names \
      than the fields is mapped: --map HR=heart_rate --map ABPSys=systolic_bp --map NBPSys=systolic_bp \
      --map minute=event_time.
      """,
    version: ProductVersion.current)

  @OptionGroup(title: "Where to") var target: TargetOptions
  @OptionGroup(title: "Simulated patients") var ward: WardOptions
  @OptionGroup(title: "Recorded patients") var replay: ReplayOptions
  @OptionGroup(title: "Dead letters") var letters: DeadLetterOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard letters.location == nil || (replay.path == nil && !target.printsOnly) else {
      throw ValidationError("--replay-dead-letters goes neither with --replay nor with --print")
    }
    guard letters.location != nil || letters.reason.isEmpty else {
      throw ValidationError("--reason belongs to --replay-dead-letters")
    }
    guard replay.path == nil || (ward.rate == nil && ward.patients == nil && ward.interval == nil) else {
      throw ValidationError("--patients, --rate and --interval belong to the simulation; with --replay use --speed")
    }
  }

  mutating func run() async throws {
    common.bootstrapLogging()
    let (target, ward, replay, letters) = (target, ward, replay, letters)
    try await runCommand("vitals-producer", translate: { ($0 as? KafkaError).map { CommandError($0) } }) {
      let settings = try await Settings.load()
      if let again = try await DeadLetterReplay(letters, settings) {
        let producer = try KafkaProducer(configuration: try target.kafka(settings))
        return try await again.run(producer, topic: settings.string(flag: target.topic, .topic))
      }
      let source = try await replay.source(settings, start: ward.startTime, count: ward.count) ?? ward.source()
      let production = Production(
        source: source, outlet: try target.outlet(settings), writer: try target.writer(settings), count: ward.count)
      try await production.run()
    }
  }
}

extension CommandError {
  /// A Kafka failure as a person is told of it.
  init(_ error: KafkaError) {
    let isAway = error.isRetriable || error.name == "_MSG_TIMED_OUT"
    self.init(
      error.description, exit: error.name == "_INVALID_ARG" ? .usage : isAway ? .unavailable : .failure)
  }
}
