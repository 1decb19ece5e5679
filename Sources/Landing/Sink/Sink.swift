import Dispatch
public import Kafka
public import Logging
import Synchronization

/// Lands a Kafka topic in a table, each record once.
///
/// The consumer has a thread of its own that polls, parses and gathers; one batch at a time is encoded and committed
/// beside it. Where to take up, what may be committed and when a batch is full is decided by pure values
/// (``contiguityVerdict(start:next:watermark:)``, ``ResumePoint``, ``Rotation``).
public final class Sink: Sendable {
  private let configuration: SinkConfiguration
  private let consumer: KafkaConsumer
  private let lander: Lander
  private let log: Logger
  private let stopping = Atomic(false)

  /// Makes a sink; it begins with ``run()``.
  public init(_ configuration: SinkConfiguration, consumer: KafkaConsumer, log: Logger) {
    self.configuration = configuration
    self.consumer = consumer
    self.log = log
    lander = Lander(configuration, log: log)
  }

  /// Runs until ``stop()``, or with ``SinkConfiguration/untilEnd`` until all is landed that the topic held.
  ///
  /// - Throws: ``LandingError`` when landing on is impossible or would lose records; what was committed stays.
  public func run() async throws(LandingError) -> SinkReport {
    let result = await withCheckedContinuation { continuation in
      let queue = DispatchQueue(label: "vitals-sink.consumer")
      queue.async { [self] in
        let result: Result<SinkReport, LandingError>
        do throws(LandingError) {
          var loop = SinkLoop(
            configuration: configuration, consumer: consumer, lander: lander,
            metrics: SinkMetrics(topic: configuration.source.topic), log: log,
            isStopping: { self.stopping.load(ordering: .acquiring) })
          result = .success(try loop.run())
        } catch {
          result = .failure(error)
        }
        consumer.close()
        continuation.resume(returning: result)
      }
    }
    return try result.get()
  }

  /// Asks the sink to land what is buffered and to end; may be called from anywhere, more than once.
  public func stop() async {
    stopping.store(true, ordering: .releasing)
    await lander.giveUp(at: .now + configuration.drainWithin)
    consumer.wake()
  }
}
