import CRdKafka

/// Where the brokers are, what to call ourselves, and any librdkafka property beyond what this module sets.
///
/// `extra` may hold secrets (`sasl.password`), so its values never reach a description or an error.
public struct KafkaConfiguration: Sendable, CustomStringConvertible {
  /// Receives librdkafka's own log lines, on any of its threads: syslog level (0 emergency to 7 debug), facility, text.
  public typealias LogHandler = @Sendable (_ level: Int32, _ facility: String, _ message: String) -> Void

  /// `host:port`, several separated by commas.
  public var bootstrapServers: String
  /// The name that brokers write in their logs and quotas.
  public var clientID: String
  /// Further librdkafka properties by name; they override this module's defaults but not what its guarantees rest on.
  public var extra: [String: String]
  /// Receives librdkafka's log lines; without one they are dropped.
  public var logHandler: LogHandler?

  /// Describes a connection; nothing is opened yet.
  public init(
    bootstrapServers: String, clientID: String = "vitals-lake", extra: [String: String] = [:],
    logHandler: LogHandler? = nil
  ) {
    self.bootstrapServers = bootstrapServers
    self.clientID = clientID
    self.extra = extra
    self.logHandler = logHandler
  }

  /// The same for a client that reads a few records and fetches no more than it must.
  var forFewRecords: KafkaConfiguration {
    var changed = self
    changed.extra["queued.min.messages"] = "1"
    changed.extra["queued.max.messages.kbytes"] = "1024"
    changed.extra["statistics.interval.ms"] = "0"
    return changed
  }

  /// Servers, client and the *names* of the further properties.
  public var description: String {
    "\(clientID) at \(bootstrapServers)" + (extra.isEmpty ? "" : " with \(extra.keys.sorted().joined(separator: ", "))")
  }
}

/// librdkafka's configuration object: freed here, unless a client took it over.
struct ClientProperties: ~Copyable {
  private let conf: OpaquePointer

  /// Defaults first, then the caller's `extra`, then the properties that nobody may change.
  ///
  /// - Throws: an unknown property or an unfit value, by name.
  init(
    _ configuration: KafkaConfiguration, defaults: [(String, String)], fixed: [(String, String)]
  ) throws(KafkaError) {
    conf = rd_kafka_conf_new()
    for name in configuration.extra.keys.sorted() where fixed.contains(where: { $0.0 == name }) {
      throw KafkaError(RD_KAFKA_RESP_ERR__INVALID_ARG, "the property \(name) is set by the program and not by hand")
    }
    for (name, value) in defaults { try set(name, value) }
    try set("client.id", configuration.clientID)
    for (name, value) in configuration.extra.sorted(by: { $0.key < $1.key }) { try set(name, value) }
    for (name, value) in fixed { try set(name, value) }
  }

  deinit { rd_kafka_conf_destroy(conf) }

  /// Gives `body` the object to install callbacks on.
  func withConf(_ body: (OpaquePointer) -> Void) { body(conf) }

  /// Makes the client, which from then on owns the object; when it fails, the object is still ours to free.
  consuming func makeClient(_ type: rd_kafka_type_t) throws(KafkaError) -> OpaquePointer {
    var text = [CChar](repeating: 0, count: 512)
    guard let client = rd_kafka_new(type, conf, &text, text.count) else {
      let error = KafkaError(rd_kafka_last_error(), "cannot start the client: \(line(text))")
      _ = consume self  // frees the object
      throw error
    }
    discard self
    return client
  }

  private func set(_ name: String, _ value: String) throws(KafkaError) {
    var text = [CChar](repeating: 0, count: 512)
    switch rd_kafka_conf_set(conf, name, value, &text, text.count) {
    case RD_KAFKA_CONF_OK: return
    case RD_KAFKA_CONF_UNKNOWN:
      throw KafkaError(RD_KAFKA_RESP_ERR__INVALID_ARG, "librdkafka knows no property \(name)")
    default:
      // The library's text repeats the value, and so a password.
      let reason = Self.holdsSecret(name) ? "unfit value (not shown) for the property \(name)" : line(text)
      throw KafkaError(RD_KAFKA_RESP_ERR__INVALID_ARG, reason)
    }
  }

  private static func holdsSecret(_ name: String) -> Bool {
    ["password", "secret", "key", "pem", "oauthbearer", "token", "plugin"].contains { name.contains($0) }
  }
}
