import ArgumentParser
import Columnar
import Glibc
import Parquet
import Storage

/// Reads damaged Parquet files until one of them ends the process: by a trap, by time, or by want of memory.
///
/// Input `i` of a seed is always the same. The number of the input at hand stands in the state file, so that whoever
/// started the process knows which one ended it. See `tools/fuzz`.
@main
struct Command: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "parquet-fuzz", abstract: "Read damaged Parquet files; die of none.")

  @Argument(help: "Folders with sound and unsound files to start from.")
  var seeds: [String]

  @Option(help: "What the inputs are made from; the same seed makes the same inputs.")
  var seed: UInt64 = 1

  @Option(help: "The first input.")
  var from: Int = 0

  @Option(help: "How many inputs.")
  var runs: Int = 10_000

  @Option(help: "Where the number of the input at hand is kept.")
  var state: String?

  @Option(help: "Write the first input to this file and end.")
  var write: String?

  @Option(help: "Seconds that an input may take.")
  var seconds: UInt32 = 5

  @Option(help: "MiB of memory that the process may take; 0 for any, as a sanitizer needs it.")
  var memory: UInt = 512

  mutating func run() async throws {
    let files = try SeedFiles.load(seeds)
    if let write {
      try SeedFiles.write(Mutation.input(from, seed: seed, files), to: write)
      return
    }
    if memory > 0 { limitMemory() }
    let descriptor = state.map { unsafe open($0, O_WRONLY | O_CREAT | O_TRUNC, 0o644) }
    var read = 0
    for index in from..<from + runs {
      if let descriptor {
        let text = Array(String(index).utf8) + [10]
        _ = unsafe text.withUnsafeBytes { (bytes: UnsafeRawBufferPointer) in
          unsafe pwrite(descriptor, bytes.baseAddress, bytes.count, 0)
        }
      }
      alarm(seconds)
      if await Self.read(Mutation.input(index, seed: seed, files), checks: index % 4 == 0) { read += 1 }
    }
    alarm(0)
    print("\(runs) inputs, \(read) of them read to the end")
  }

  /// What the process has at the start comes on top of the limit.
  private func limitMemory() {
    var limit = rlimit()
    let base: UInt = 192 << 20
    limit.rlim_cur = memory << 20 + base
    limit.rlim_max = memory << 20 + base
    _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
  }

  /// Rows that are read of an input at most: a few bytes may stand for any number of equal rows.
  private static let rowLimit: Int64 = 300_000

  /// Reads a file in every way there is; whether there was no error.
  private static func read(_ bytes: [UInt8], checks: Bool) async -> Bool {
    do {
      let file = try await ParquetFile.open(BytesSource(bytes))
      var options = ReadOptions()
      options.verifiesChecksums = checks
      options.batchRows = [7, 1_000, 1 << 16][bytes.count % 3]
      options.keepsDictionaries = bytes.count % 2 == 0
      for column in file.metadata.columns.indices {
        _ = file.metadata.statistics(ofColumn: column)
        for group in file.metadata.rowGroups.indices.prefix(2) {
          _ = try? await file.pages(rowGroup: group, column: column)
        }
      }
      var isSound = true
      // A column that cannot be read must not keep the others from being tried.
      for column in file.metadata.schema.fields.indices {
        do {
          let projection = try file.metadata.projection(columns: [column])
          for try await _ in file.batches(columns: projection, rows: 0..<rowLimit, options: options) {}
        } catch {
          isSound = false
        }
      }
      await select(file, options)
      return isSound
    } catch {
      return false
    }
  }

  /// Reads what filters and ranges of rows leave, so that every index of the file is followed.
  private static func select(_ file: ParquetFile, _ options: ReadOptions) async {
    for (column, leaf) in file.metadata.columns.enumerated().prefix(4) {
      let bounds = file.metadata.statistics(ofColumn: column)
      let value = bounds.max ?? .bytes(Array("x".utf8))
      let filters: [RowFilter] = [
        .compare(leaf.name, .equal, value), .or([.compare(leaf.name, .notEqual, value), .isNull(leaf.name)]),
      ]
      for filter in filters {
        do {
          for try await _ in file.batches(rows: 0..<rowLimit, where: filter, options: options) {}
        } catch {
          continue
        }
      }
    }
    do {
      for try await _ in file.batches(rows: 3..<17, options: options) {}
    } catch {
      return
    }
  }
}
