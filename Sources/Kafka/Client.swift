import CRdKafka
import Synchronization

/// A pointer to an object of librdkafka that may cross threads.
///
/// Unchecked because the compiler cannot see C's rules: librdkafka locks its handles inside, and a message belongs to
/// exactly one owner, who may be on any thread.
struct LibraryPointer<Pointer>: @unchecked Sendable {
  let raw: Pointer
}

/// What librdkafka's callbacks write to; it outlives the client.
///
/// Callbacks only record: decisions are taken by whoever calls `poll`.
final class CallbackState: Sendable {
  let logHandler: KafkaConfiguration.LogHandler?
  let statistics = Mutex<String?>(nil)
  /// Rebalances and errors seen during the current poll, oldest first.
  let notices = Mutex<[Notice]>([])
  /// Whether `notices` holds any: spares the lock on each message.
  let hasNotices = Atomic(false)
  /// Whether a rebalance was recorded that nobody answered yet.
  let owesAnswer = Atomic(false)
  /// Whether the consumer is being closed, so that a rebalance is answered on the spot.
  let isClosing = Atomic(false)
  let deliveries: DeliveryLog

  enum Notice {
    case assigned([TopicPartition]), revoked([TopicPartition]), error(KafkaError), fatal(KafkaError)
  }

  init(logHandler: KafkaConfiguration.LogHandler?, deliveries: DeliveryLog = DeliveryLog(onFailure: nil)) {
    self.logHandler = logHandler
    self.deliveries = deliveries
  }

  func note(_ notice: Notice) {
    notices.withLock { list in
      // Without a poll the list would grow with every failed connection.
      if list.count >= 1_000 { list.removeFirst() }
      list.append(notice)
    }
    hasNotices.store(true, ordering: .releasing)
  }

  func takeNotice() -> Notice? {
    guard hasNotices.load(ordering: .acquiring) else { return nil }
    return notices.withLock { list in
      let first = list.isEmpty ? nil : list.removeFirst()
      hasNotices.store(!list.isEmpty, ordering: .releasing)
      return first
    }
  }

  /// The state that a callback's opaque pointer stands for.
  static func of(_ opaque: UnsafeMutableRawPointer?) -> CallbackState? {
    opaque.map { Unmanaged<CallbackState>.fromOpaque($0).takeUnretainedValue() }
  }
}

/// A running librdkafka client; `deinit` ends it.
final class Client: Sendable {
  let handle: LibraryPointer<OpaquePointer>
  let state: CallbackState
  var raw: OpaquePointer { handle.raw }

  init(_ type: rd_kafka_type_t, properties: consuming ClientProperties, state: CallbackState) throws(KafkaError) {
    properties.withConf { conf in
      // Unretained: `state` is kept by this object, and destroyed after the handle.
      rd_kafka_conf_set_opaque(conf, Unmanaged.passUnretained(state).toOpaque())
      installCallbacks(on: conf, type: type)
    }
    self.state = state
    handle = LibraryPointer(raw: try properties.makeClient(type))
  }

  deinit { rd_kafka_destroy(raw) }

  /// The library's fatal error, once it has one.
  var fatalError: KafkaError? {
    var text = [CChar](repeating: 0, count: 512)
    let code = rd_kafka_fatal_error(raw, &text, text.count)
    return code == RD_KAFKA_RESP_ERR_NO_ERROR ? nil : KafkaError(code, line(text), isFatal: true)
  }
}

/// The text of a C buffer, up to its end mark, on one line.
func line(_ buffer: [CChar]) -> String {
  let text = buffer.prefix { $0 != 0 }.map { $0 == 10 || $0 == 13 ? 32 : UInt8(bitPattern: $0) }
  return String(decoding: text, as: UTF8.self)
}
