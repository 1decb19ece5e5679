public import ArgumentParser

/// How rows are printed.
public enum OutputFormat: String, Sendable, CaseIterable, ExpressibleByArgument {
  /// Aligned columns for people.
  case table
  /// One JSON object a line.
  case ndjson
  /// One JSON array of objects.
  case json
  /// Comma-separated values (RFC 4180) with a header; null is an empty field, empty text is `""`.
  case csv
  /// Tab-separated values with a header; tab, line end and backslash escaped; null is an empty field.
  case tsv
  /// A table of Markdown.
  case markdown

  /// What fits the reader of standard output: a table for a person, JSON lines for a program.
  public static var automatic: OutputFormat { StandardOutput.isTerminal ? .table : .ndjson }
}

/// The option that every command has which prints rows.
public struct OutputOptions: ParsableArguments, Sendable {
  @Option(name: .customLong("format"), help: "How rows are printed (default: table on a terminal, else ndjson).")
  var chosen: OutputFormat?

  /// Makes options to be filled by the parser.
  public init() {}

  /// The format asked for, or the one that fits standard output.
  public var format: OutputFormat { chosen ?? .automatic }
}
