import ArgumentParser
import CommandSupport
import Kernels

/// The options that choose columns and rows.
struct RowOptions: ParsableArguments {
  @Option(name: .customLong("columns"), help: "Only these columns, in this order; a,b.c")
  var columnList: String?

  @Option(help: "At most this many rows.")
  var limit: Int64?

  @Option(help: "Leave out this many rows first.")
  var offset: Int64?

  @Option(help: "Only the last rows.")
  var tail: Int64?

  @Option(help: "Only this many rows, chosen at random, in their order.")
  var sample: Int64?

  @Option(help: "Make --sample choose the same rows each time.")
  var seed: UInt64?

  /// The most rows that a sample may have, since their numbers are held in memory.
  private static let largestSample: Int64 = 50_000_000

  /// The names given with `--columns`; empty for all.
  var columns: [String] { columnList.map(CommandText.list) ?? [] }

  func validate() throws {
    let numbers = [("--limit", limit), ("--offset", offset), ("--tail", tail), ("--sample", sample)]
    for (name, value) in numbers where (value ?? 0) < 0 {
      throw ValidationError("\(name) must not be negative.")
    }
    if columnList != nil, columns.isEmpty { throw ValidationError("--columns names no column.") }
    let hasSlice = limit != nil || offset != nil
    if [hasSlice, tail != nil, sample != nil].filter(\.self).count > 1 {
      throw ValidationError("Only one of --limit/--offset, --tail and --sample can be given.")
    }
    if seed != nil, sample == nil { throw ValidationError("--seed goes with --sample.") }
    if let sample, sample > RowOptions.largestSample {
      throw ValidationError("--sample takes at most \(RowOptions.largestSample) rows.")
    }
  }

  /// The rows chosen out of so many.
  func selection(of total: Int64) -> RowSelection {
    if let tail { return .tail(tail, of: total) }
    guard let sample else { return .slice(offset: offset ?? 0, limit: limit, of: total) }
    var generator = SplitMix64(seed: seed ?? UInt64.random(in: 0...UInt64.max))
    return .sample(sample, of: total, using: &generator)
  }
}

/// The options that show something else than rows.
struct ViewOptions: ParsableArguments {
  /// What is shown.
  enum Mode: String, EnumerableFlag {
    case schema, meta, pages, stats, count, verify

    static func help(for value: Mode) -> ArgumentHelp? {
      switch value {
      case .schema: "The schema as text."
      case .meta: "What the footer says of the file."
      case .pages: "Every page: where it lies, how it is encoded, what it holds."
      case .stats: "What the footer says of each column of each row group."
      case .count: "How many rows there are."
      case .verify: "Read everything, check sums and counts; exit 65 if a file is damaged."
      }
    }
  }

  @Flag(exclusivity: .exclusive)
  var mode: Mode?
}
