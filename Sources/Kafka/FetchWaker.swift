import CRdKafka
import Dispatch
import Synchronization

/// Wakes the fetching threads of a librdkafka before 2.2, which sleep for a second when they find the queue full.
///
/// Such a library looks at the length of its queue after each answer of a broker. Above `queued.min.messages` or
/// `queued.max.messages.kbytes` it asks for nothing more and sleeps, so that a fast reader empties the queue at once
/// and then waits (confluentinc/librdkafka#2879; later versions have `fetch.queue.backoff.ms`). A sleeping thread wakes
/// for any request, so when the queue was full and has room again, each leader is asked for the ends of one partition.
final class FetchWaker: Sendable {
  /// How many messages pass between two looks at the queue.
  static let stride = 256

  private struct State {
    var topics: Set<String> = []
    /// One partition for each broker that leads any; found anew after an assignment.
    var leaders: [TopicPartition]?
    var wasFull = false
    var isAsking = false
  }

  private let client: Client
  private let queue: LibraryPointer<OpaquePointer>
  private let messageLimit: Int
  private let byteLimit: Int
  private let state = Mutex(State())
  private let worker = DispatchQueue(label: "kafka.fetch-waker")

  /// Nil where the library needs no waking.
  init?(client: Client, configuration: KafkaConfiguration, kilobytes: Int) {
    guard rd_kafka_version() < 0x0202_0000, let queue = rd_kafka_queue_get_consumer(client.raw) else { return nil }
    self.client = client
    self.queue = LibraryPointer(raw: queue)
    messageLimit = configuration.extra["queued.min.messages"].flatMap(Int.init) ?? 100_000
    byteLimit = (configuration.extra["queued.max.messages.kbytes"].flatMap(Int.init) ?? kilobytes) << 10
  }

  deinit { rd_kafka_queue_destroy(queue.raw) }

  /// Takes note of what is fetched from now on.
  func assign(_ partitions: [TopicPartition]) {
    state.withLock { $0 = State(topics: Set(partitions.map(\.topic)), isAsking: $0.isAsking) }
  }

  /// Looks at the queue, after every ``stride`` messages.
  ///
  /// - Parameters:
  ///   - messages: How many were taken since the last look; at least one.
  ///   - bytes: Their bytes.
  func look(messages: Int, bytes: Int) {
    let length = rd_kafka_queue_length(queue.raw)
    let average = bytes / messages
    let isDue = state.withLock { state in
      if length + 2 * Self.stride >= messageLimit || length * average >= byteLimit / 10 * 9 {
        state.wasFull = true
      }
      guard state.wasFull, !state.isAsking, length < messageLimit / 10 * 9,
        length * average < byteLimit / 10 * 9
      else {
        return false
      }
      state.wasFull = false
      state.isAsking = true
      return true
    }
    if isDue { worker.async { self.wakeAll() } }
  }

  /// Failures do not matter: a thread that is not woken goes on by itself after its second.
  private func wakeAll() {
    defer { state.withLock { $0.isAsking = false } }
    let known = state.withLock { ($0.topics, $0.leaders) }
    let leaders =
      known.1 ?? known.0.flatMap { (try? client.onePartitionOfEachLeader(of: $0, timeoutMillis: 1_000)) ?? [] }
    state.withLock { if $0.topics == known.0 { $0.leaders = leaders } }
    for partition in leaders {
      var (low, high) = (Int64(0), Int64(0))
      _ = rd_kafka_query_watermark_offsets(client.raw, partition.topic, partition.partition, &low, &high, 1_000)
    }
  }
}
