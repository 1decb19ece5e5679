public import ArgumentParser
import Logging

/// How log lines look.
public enum LogFormat: String, Sendable, CaseIterable, ExpressibleByArgument {
  /// For people.
  case text
  /// One JSON object a line.
  case json
}

/// The least severe log line that is written.
public enum LogLevel: String, Sendable, CaseIterable, ExpressibleByArgument {
  case trace, debug, info, notice, warning, error, critical
}

/// The options that every command has.
public struct CommonOptions: ParsableArguments, Sendable {
  @Option(name: .customLong("log-level"), help: "The least severe log line to write to standard error.")
  var level: LogLevel = .notice

  @Option(name: .customLong("log-format"), help: "How log lines look.")
  var format: LogFormat = .text

  /// Makes options to be filled by the parser.
  public init() {}

  /// Sends the process's log lines to standard error as asked; once a process, later calls do nothing.
  public func bootstrapLogging() {
    _ = LogBootstrap.once(level: Logger.Level(rawValue: level.rawValue) ?? .notice, format: format)
  }
}
