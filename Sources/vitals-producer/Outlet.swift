import CommandSupport
import Foundation
import Kafka
import Simulator
import Synchronization
import Vitals

/// Where messages go; used by one thread at a time.
protocol Outlet: Sendable {
  /// Takes one message; false where there is no room just now.
  func trySend(key: [UInt8], value: [UInt8]) throws -> Bool
  /// Serves reports and hands out what was held back, for up to this long.
  func wait(seconds: Double) throws
  /// Waits for the end of everything sent; false after this long.
  func finish(seconds: Double) throws -> Bool
  /// Gives up what is still on its way.
  func abandon()
  /// What became of the messages so far.
  var counts: DeliveryCounts { get }
  /// Why the first message failed, if one did.
  var firstFailure: KafkaError? { get }
}

/// Messages to Kafka.
final class KafkaOutlet: Outlet {
  private let producer: KafkaProducer
  private let topic: String
  private let isKeyed: Bool

  /// Starts a producer; brokers are contacted in the background.
  init(_ configuration: KafkaConfiguration, topic: String, isKeyed: Bool) throws {
    let reporter = OutageReporter(servers: configuration.bootstrapServers)
    producer = try KafkaProducer(configuration: configuration, onError: { reporter.note($0) })
    reporter.producer.withLock { [producer] in $0 = WeakProducer(producer) }
    (self.topic, self.isKeyed) = (topic, isKeyed)
  }

  var counts: DeliveryCounts { producer.counts }
  var firstFailure: KafkaError? { producer.firstFailure?.error }

  func trySend(key: [UInt8], value: [UInt8]) throws -> Bool {
    try producer.trySend(topic: topic, key: isKeyed ? key : nil, value: value)
  }

  func wait(seconds: Double) { producer.poll(timeoutMillis: Int32(min(max(seconds * 1000, 1), 1_000))) }

  func finish(seconds: Double) -> Bool { producer.flush(timeoutMillis: Int32(seconds * 1000)) }

  func abandon() { producer.purge() }
}

/// Says once an outage that no broker answers.
private final class OutageReporter: Sendable {
  let producer = Mutex(WeakProducer(nil))
  private let servers: String
  private let deliveredAtLastWord = Mutex<Int?>(nil)

  init(servers: String) { self.servers = servers }

  func note(_ error: KafkaError) {
    guard error.name == "_ALL_BROKERS_DOWN" else { return }
    let delivered = producer.withLock { $0.producer?.counts.delivered ?? 0 }
    // The same count as at the last word: still the same outage.
    let isNew = deliveredAtLastWord.withLock { last in
      defer { last = delivered }
      return last != delivered
    }
    guard isNew else { return }
    StandardError.print(
      "vitals-producer: no broker of \(servers) answers – trying on until the delivery time-out (delivery.timeout.ms)")
  }
}

private struct WeakProducer: Sendable {
  weak let producer: KafkaProducer?
  init(_ producer: KafkaProducer?) { self.producer = producer }
}

/// Messages to standard output, one a line.
final class PrintOutlet: Outlet {
  private let state = Mutex((bytes: [UInt8](), counts: DeliveryCounts()))
  let firstFailure: KafkaError? = nil

  var counts: DeliveryCounts { state.withLock { $0.counts } }

  func trySend(key: [UInt8], value: [UInt8]) throws -> Bool {
    try state.withLock { state in
      state.bytes.append(contentsOf: value)
      state.bytes.append(0x0a)
      state.counts.delivered += 1
      if state.bytes.count >= 1 << 16 { try Self.write(&state.bytes) }
    }
    return true
  }

  func wait(seconds: Double) throws {
    try state.withLock { try Self.write(&$0.bytes) }
    Thread.sleep(forTimeInterval: seconds)
  }

  func finish(seconds: Double) throws -> Bool {
    try state.withLock { try Self.write(&$0.bytes) }
    return true
  }

  func abandon() {}

  private static func write(_ bytes: inout [UInt8]) throws {
    if !bytes.isEmpty { try StandardOutput.write(bytes) }
    bytes.removeAll(keepingCapacity: true)
  }
}
