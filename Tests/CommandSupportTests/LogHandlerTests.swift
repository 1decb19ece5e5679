import Foundation
import Logging
import Testing

@testable import CommandSupport

@Suite struct LogLineTests {
  private let line = LogLine(
    time: 1_704_067_200_123_456, level: .warning, label: "vitals-sink", message: "spooled \u{1B}[2J\nrows",
    metadata: ["rows": "5", "why": "HDFS is away", "list": .array(["a", .dictionary(["k": "v"])])])

  @Test func text() {
    let text = String(decoding: line.bytes(.text), as: UTF8.self)
    #expect(
      text == #"2024-01-01T00:00:00.123Z warning vitals-sink: spooled \u001b[2J\nrows "#
        + #"list="[\"a\", [\"k\": \"v\"]]" rows=5 why="HDFS is away""# + "\n"
        || text.hasPrefix(#"2024-01-01T00:00:00.123Z warning vitals-sink: spooled \u001b[2J\nrows list="#))
    #expect(text.hasSuffix(" rows=5 why=\"HDFS is away\"\n"))
    #expect(text.filter { $0 == "\n" }.count == 1)
  }

  @Test func json() throws {
    let bytes = line.bytes(.json)
    #expect(bytes.last == 0x0A && bytes.filter { $0 == 0x0A }.count == 1)
    let object = try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any]
    #expect(object?["time"] as? String == "2024-01-01T00:00:00.123Z")
    #expect(object?["level"] as? String == "warning" && object?["label"] as? String == "vitals-sink")
    #expect(object?["message"] as? String == "spooled \u{1B}[2J\nrows")
    let metadata = object?["metadata"] as? [String: Any]
    #expect(metadata?["rows"] as? String == "5")
    #expect((metadata?["list"] as? [Any])?.count == 2)
  }

  @Test func withoutMetadata() throws {
    let plain = LogLine(time: 0, level: .info, label: "l", message: "m", metadata: [:])
    #expect(String(decoding: plain.bytes(.text), as: UTF8.self) == "1970-01-01T00:00:00.000Z info l: m\n")
    #expect(
      String(decoding: plain.bytes(.json), as: UTF8.self)
        == #"{"time":"1970-01-01T00:00:00.000Z","level":"info","label":"l","message":"m"}"# + "\n")
  }

  @Test func levelsAreValues() {
    var handler = StandardErrorLogHandler(label: "l", level: .info, format: .text)
    handler[metadataKey: "a"] = "b"
    var other = handler
    other.logLevel = .error
    other[metadataKey: "a"] = nil
    #expect(handler.logLevel == .info && handler[metadataKey: "a"] == "b" && other.metadata.isEmpty)
  }
}

@Suite struct ShutdownSignalTests {
  @Test func workThatEndsGivesItsResult() async throws {
    #expect(try await withShutdownSignals { 7 } == 7)
    await #expect(throws: ClosedPipe.self) { try await withShutdownSignals { throw ClosedPipe() } }
  }
}
