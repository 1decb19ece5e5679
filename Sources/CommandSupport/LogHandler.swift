import Columnar
public import Logging

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Writes log lines to standard error, each by one `write`, so that lines of several threads never mix.
///
/// Text: `2026-01-31T12:00:00.000Z notice vitals-sink: committed version=17 rows=50000`. JSON: the same as an object
/// with the keys `time`, `level`, `label`, `message`, and `metadata` where there is any.
public struct StandardErrorLogHandler: LogHandler {
  /// What this logger adds to each of its lines.
  public var metadata: Logger.Metadata = [:]
  /// What the context adds.
  public var metadataProvider: Logger.MetadataProvider?
  /// The least severe line that is written.
  public var logLevel: Logger.Level
  private let label: String
  private let format: LogFormat

  /// Makes the handler of one logger.
  public init(label: String, level: Logger.Level, format: LogFormat) {
    self.label = label
    self.logLevel = level
    self.format = format
  }

  /// One value of the logger's own metadata.
  public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  /// Writes one line.
  public func log(event: LogEvent) {
    var all = metadata
    if let provided = metadataProvider?.get() { all.merge(provided) { $1 } }
    if let given = event.metadata { all.merge(given) { $1 } }
    if let error = event.error { all["error"] = "\(error)" }
    let line = LogLine(
      time: WallClock.microseconds(), level: event.level, label: label, message: event.message.description,
      metadata: all)
    StandardError.write(line.bytes(format))
  }
}

/// One log line, apart from where it goes.
struct LogLine {
  /// Microseconds since 1970-01-01 UTC.
  var time: Int64
  var level: Logger.Level
  var label: String
  var message: String
  var metadata: Logger.Metadata

  /// The line with its line feed.
  func bytes(_ format: LogFormat) -> [UInt8] {
    var text = TextBuffer()
    switch format {
    case .text: writeText(to: &text)
    case .json: writeJSON(to: &text)
    }
    text.append(0x0A)
    return text.bytes
  }

  private func writeText(to text: inout TextBuffer) {
    text.appendTimestamp(time / 1_000, unit: .milliseconds, isUTC: true)
    text.append(" \(level.rawValue) ")
    text.appendPrintable(label)
    text.append(": ")
    text.appendPrintable(message)
    for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
      text.append(" ")
      text.appendPrintable(key)
      text.append("=")
      let shown = "\(value)"
      if shown.utf8.contains(where: { $0 <= 0x20 || $0 == 0x22 }) {
        text.appendJSONString(shown)
      } else {
        text.appendPrintable(shown)
      }
    }
  }

  private func writeJSON(to text: inout TextBuffer) {
    text.append("{\"time\":\"")
    text.appendTimestamp(time / 1_000, unit: .milliseconds, isUTC: true)
    text.append("\",\"level\":\"\(level.rawValue)\",\"label\":")
    text.appendJSONString(label)
    text.append(",\"message\":")
    text.appendJSONString(message)
    if !metadata.isEmpty {
      text.append(",\"metadata\":")
      writeJSON(.dictionary(metadata), to: &text)
    }
    text.append("}")
  }

  private func writeJSON(_ value: Logger.MetadataValue, to text: inout TextBuffer) {
    switch value {
    case .string(let string): text.appendJSONString(string)
    case .stringConvertible(let value): text.appendJSONString(value.description)
    case .array(let values):
      text.append("[")
      for (index, value) in values.enumerated() {
        if index > 0 { text.append(",") }
        writeJSON(value, to: &text)
      }
      text.append("]")
    case .dictionary(let values):
      text.append("{")
      for (index, entry) in values.sorted(by: { $0.key < $1.key }).enumerated() {
        if index > 0 { text.append(",") }
        text.appendJSONString(entry.key)
        text.append(":")
        writeJSON(entry.value, to: &text)
      }
      text.append("}")
    }
  }
}

/// The time of day by the system's clock.
enum WallClock {
  /// Microseconds since 1970-01-01 UTC.
  static func microseconds() -> Int64 {
    var now = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &now)
    return Int64(now.tv_sec) * 1_000_000 + Int64(now.tv_nsec) / 1_000
  }
}
