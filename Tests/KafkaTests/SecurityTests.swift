import Foundation
import Testing

@testable import Kafka

@Suite struct SecurityTests {
  private func properties(
    _ settings: [String: String], byHand: [String: String] = [:]
  ) throws(KafkaError) -> [String: String] {
    try KafkaSecurity.properties(byHand: byHand) { settings[$0] }
  }

  @Test func settingsBecomePropertiesAndTheCommandLineWins() throws {
    #expect(try properties([:]) == [:])
    let settings = [
      "KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT", "KAFKA_SASL_MECHANISM": "SCRAM-SHA-256",
      "KAFKA_SASL_USERNAME": "u", "KAFKA_SASL_PASSWORD": "p",
    ]
    let found = try properties(settings, byHand: ["sasl.username": "v", "fetch.wait.max.ms": "5"])
    #expect(found["security.protocol"] == "SASL_PLAINTEXT")
    #expect(found["sasl.username"] == "v")
    #expect(found["sasl.password"] == "p")
    #expect(found["fetch.wait.max.ms"] == "5")
  }

  @Test(arguments: [
    ["KAFKA_SECURITY_PROTOCOL": "tls"],
    ["KAFKA_SECURITY_PROTOCOL": "sasl_ssl"],
    ["KAFKA_SECURITY_PROTOCOL": "sasl_ssl", "KAFKA_SASL_MECHANISM": "PLAIN", "KAFKA_SASL_USERNAME": "u"],
    ["KAFKA_SASL_USERNAME": "u", "KAFKA_SASL_PASSWORD": "hunter2"],
    ["KAFKA_SSL_CA_FILE": "/etc/hostname"],
    ["KAFKA_SECURITY_PROTOCOL": "ssl", "KAFKA_SSL_CA_FILE": "/none/such"],
    ["KAFKA_SECURITY_PROTOCOL": "ssl", "KAFKA_SSL_CERT_FILE": "/etc/hostname"],
    [
      "KAFKA_SECURITY_PROTOCOL": "sasl_ssl", "KAFKA_SASL_MECHANISM": "PLAIN", "KAFKA_SASL_USERNAME": "u",
      "KAFKA_SASL_PASSWORD": "hunter2", "KAFKA_SASL_PASSWORD_FILE": "/etc/hostname",
    ],
    ["KAFKA_SASL_PASSWORD_FILE": "/none/such"],
  ])
  func whatCannotWorkIsSaidAtTheStartWithoutTheSecret(settings: [String: String]) {
    let error = #expect(throws: KafkaError.self) { _ = try properties(settings) }
    #expect(error?.name == "_INVALID_ARG")
    #expect(error?.description.contains("hunter2") == false)
  }

  @Test func thePasswordIsTheFirstLineOfItsFile() throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "vitals-\(UUID().uuidString)").path
    try Data("s3cret\nmore".utf8).write(to: URL(fileURLWithPath: path))
    defer { unlink(path) }
    let found = try properties([
      "KAFKA_SECURITY_PROTOCOL": "sasl_plaintext", "KAFKA_SASL_MECHANISM": "plain", "KAFKA_SASL_USERNAME": "u",
      "KAFKA_SASL_PASSWORD_FILE": path,
    ])
    #expect(found["sasl.password"] == "s3cret")
  }

  /// The client itself takes what passed the check: a property that this library's build lacks would show here.
  @Test func theLibraryTakesTheProperties() throws {
    let found = try properties([
      "KAFKA_SECURITY_PROTOCOL": "sasl_ssl", "KAFKA_SASL_MECHANISM": "SCRAM-SHA-512", "KAFKA_SASL_USERNAME": "u",
      "KAFKA_SASL_PASSWORD": "p",
    ])
    let configuration = KafkaConfiguration(bootstrapServers: "127.0.0.1:1", extra: found)
    let consumer = try KafkaConsumer(configuration: configuration, groupID: "g")
    consumer.close()
  }
}
