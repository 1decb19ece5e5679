import ArgumentParser
import Columnar
import Foundation
import Parquet
import Storage

/// Reads all columns of a Parquet file into batches, several times over, and says how long each time took.
@main
struct Command: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "parquet-reads", abstract: "Read a Parquet file into batches and print the seconds of each round.")

  @Argument(help: "The file.")
  var path: String

  @Option(help: "How often it is read.")
  var rounds = 3

  @Option(help: "Only these columns, or parts of nested ones; a,b.c")
  var columns: String?

  @Option(help: "The most rows of a batch.")
  var batchRows = 1 << 16

  @Flag(help: "Instead, print for each column the seconds of reading it alone, and those of decompression among them.")
  var shares = false

  mutating func run() async throws {
    keepFreedMemory()
    let url = URL(fileURLWithPath: path)
    let store = LocalFileStore(root: url.deletingLastPathComponent().path)
    if shares { return try await Shares(source: try await store.open(url.lastPathComponent)).report() }
    for _ in 0..<rounds {
      let started = ContinuousClock.now
      let file = try await ParquetFile.open(try await store.open(url.lastPathComponent))
      let projection = try columns.map {
        try file.metadata.projection(named: $0.split(separator: ",").map(String.init))
      }
      var options = ReadOptions()
      options.batchRows = batchRows
      var rows = 0
      var values = 0
      for try await batch in file.batches(columns: projection, options: options) {
        rows += batch.rowCount
        values += batch.columns.reduce(0) { $0 + $1.count }
      }
      let seconds = (ContinuousClock.now - started) / .seconds(1)
      print(#"{"rows":\#(rows),"values":\#(values),"seconds":\#(seconds)}"#)
    }
  }
}
