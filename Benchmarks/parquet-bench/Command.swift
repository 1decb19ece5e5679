import ArgumentParser

/// Programs that hold the Parquet library against others.
@main
struct ParquetBench: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "parquet-bench", abstract: "Measures the Parquet library, and writes files for others to check.",
    subcommands: [WriteFile.self, WriteSamples.self, WriteSkippable.self])
}
