import Glibc

/// The settings by which a client proves who it is, checked before anything is sent.
///
/// | variable | property of librdkafka |
/// |---|---|
/// | `KAFKA_SECURITY_PROTOCOL` | `security.protocol`: plaintext, ssl, sasl_plaintext, sasl_ssl |
/// | `KAFKA_SASL_MECHANISM` | `sasl.mechanism`: PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, GSSAPI, OAUTHBEARER |
/// | `KAFKA_SASL_USERNAME` | `sasl.username` |
/// | `KAFKA_SASL_PASSWORD`, `KAFKA_SASL_PASSWORD_FILE` | `sasl.password`, or a file whose first line it is |
/// | `KAFKA_SSL_CA_FILE` | `ssl.ca.location` |
/// | `KAFKA_SSL_CERT_FILE`, `KAFKA_SSL_KEY_FILE` | `ssl.certificate.location`, `ssl.key.location` |
/// | `KAFKA_SSL_KEY_PASSWORD` | `ssl.key.password` |
public enum KafkaSecurity {
  /// The variables and the properties that they become as they are.
  static let plain: [(variable: String, property: String)] = [
    ("KAFKA_SECURITY_PROTOCOL", "security.protocol"), ("KAFKA_SASL_MECHANISM", "sasl.mechanism"),
    ("KAFKA_SASL_USERNAME", "sasl.username"), ("KAFKA_SASL_PASSWORD", "sasl.password"),
    ("KAFKA_SSL_CA_FILE", "ssl.ca.location"), ("KAFKA_SSL_CERT_FILE", "ssl.certificate.location"),
    ("KAFKA_SSL_KEY_FILE", "ssl.key.location"), ("KAFKA_SSL_KEY_PASSWORD", "ssl.key.password"),
  ]

  /// The names of the variables, for help.
  public static var variables: [String] { plain.map(\.variable) + ["KAFKA_SASL_PASSWORD_FILE"] }

  /// The properties of a client: what the settings say, and over them what was given by hand.
  ///
  /// - Parameters:
  ///   - byHand: properties that the command line gave.
  ///   - setting: the value of a variable.
  /// - Throws: what contradicts itself or cannot be read, by its name and never with its value.
  public static func properties(
    byHand: [String: String], setting: (String) -> String?
  ) throws(KafkaError) -> [String: String] {
    var properties: [String: String] = [:]
    for (variable, property) in plain {
      if let value = setting(variable) { properties[property] = value }
    }
    if let path = setting("KAFKA_SASL_PASSWORD_FILE") {
      guard properties["sasl.password"] == nil else {
        throw fault("KAFKA_SASL_PASSWORD and KAFKA_SASL_PASSWORD_FILE are both set: unset one")
      }
      properties["sasl.password"] = try firstLine(of: path)
    }
    properties.merge(byHand) { $1 }
    try check(properties)
    return properties
  }

  /// Finds what cannot work, before the library says so in its own words or not at all.
  static func check(_ properties: [String: String]) throws(KafkaError) {
    let security = properties["security.protocol"]?.lowercased() ?? "plaintext"
    guard ["plaintext", "ssl", "sasl_plaintext", "sasl_ssl"].contains(security) else {
      throw fault("security.protocol is plaintext, ssl, sasl_plaintext or sasl_ssl")
    }
    let mechanism = (properties["sasl.mechanism"] ?? properties["sasl.mechanisms"])?.uppercased()
    let hasUser = properties["sasl.username"] != nil
    let hasPassword = properties["sasl.password"] != nil
    if security.hasPrefix("sasl") {
      guard let mechanism else { throw fault("security.protocol is \(security): sasl.mechanism is missing") }
      if mechanism == "PLAIN" || mechanism.hasPrefix("SCRAM-"), !hasUser || !hasPassword {
        throw fault("sasl.mechanism is \(mechanism): sasl.username and sasl.password are needed")
      }
    } else if mechanism != nil || hasUser || hasPassword {
      throw fault("there are SASL settings, but security.protocol is \(security): set it to sasl_ssl or sasl_plaintext")
    }
    let files = ["ssl.ca.location", "ssl.certificate.location", "ssl.key.location"]
    for name in files {
      guard let path = properties[name] else { continue }
      guard security == "ssl" || security == "sasl_ssl" else {
        throw fault("there is \(name), but security.protocol is \(security): set it to ssl or sasl_ssl")
      }
      if name == "ssl.ca.location", path == "probe" { continue }
      guard access(path, R_OK) == 0 else { throw fault("\(name): the file \(path) cannot be read") }
    }
    guard (properties[files[1]] == nil) == (properties[files[2]] == nil) else {
      throw fault("ssl.certificate.location and ssl.key.location are given both or not at all")
    }
  }

  private static func firstLine(of path: String) throws(KafkaError) -> String {
    guard let file = fopen(path, "re") else {
      throw fault("KAFKA_SASL_PASSWORD_FILE: the file \(path) cannot be read")
    }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 4_097)
    guard fgets(&line, Int32(line.count), file) != nil else {
      throw fault("KAFKA_SASL_PASSWORD_FILE: the file \(path) is empty")
    }
    let bytes = line.prefix { $0 != 0 && $0 != 0x0A && $0 != 0x0D }.map { UInt8(bitPattern: $0) }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func fault(_ message: String) -> KafkaError {
    KafkaError(
      code: -186, name: "_INVALID_ARG", message: message, topicPartition: nil, isFatal: false, isRetriable: false)
  }
}
