import ArgumentParser
import Columnar
import Parquet
import Storage

/// Writes the rows of a Parquet file again and says how long that took, reading left out.
struct WriteFile: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "write", abstract: "Write the rows of a Parquet file again; print seconds and bytes as JSON.")

  @Argument(help: "The file to take the rows from.")
  var input: String

  @Option(help: "uncompressed, snappy, gzip, brotli, zstd or lz4-raw.")
  var codec = "snappy"

  @Option(help: "The codec's level.")
  var level: Int?

  @Flag(help: "Print each column's share.")
  var columns = false

  @Flag(help: "Instead, print for each column the seconds of writing it alone, with the codec and without.")
  var shares = false

  func run() async throws {
    let cut = input.lastIndex(of: "/")
    let root = cut.map { String(input[..<$0]) } ?? "."
    let name = cut.map { String(input[input.index(after: $0)...]) } ?? input
    let source = try await ParquetFile.open(LocalFileStore(root: root.isEmpty ? "/" : root).open(name))
    var options = ParquetWriterOptions()
    options.compression = try compression()
    options.compressionLevel = level
    if shares { return try await reportShares(source, options) }
    var writer: ParquetWriter?
    var bytes = 0
    var time = Duration.zero
    let clock = ContinuousClock()
    // Small batches, so that the memory measured is the writer's and not that of its input.
    var reading = ReadOptions()
    reading.batchRows = 1 << 14
    for try await shared in source.batches(options: reading) {
      // As other libraries are given them: each row with its own copy of a text.
      let batch = dense(shared)
      let start = clock.now
      if writer == nil { writer = try ParquetWriter(schema: batch.schema, options: options) }
      try writer?.write(batch)
      bytes += writer?.takeOutput().count ?? 0
      time += clock.now - start
    }
    let start = clock.now
    let metadata = try writer?.finish()
    bytes += writer?.takeOutput().count ?? 0
    time += clock.now - start
    let seconds = Double(time.components.seconds) + Double(time.components.attoseconds) / 1e18
    print(#"{"seconds":\#(seconds),"bytes":\#(bytes),"rows":\#(metadata?.rowCount ?? 0)}"#)
    if columns, let metadata { report(metadata) }
  }

  private func reportShares(_ source: ParquetFile, _ options: ParquetWriterOptions) async throws {
    let clock = ContinuousClock()
    for (index, field) in source.metadata.schema.fields.enumerated() {
      var seconds: [Double] = []
      for codec in [options.compression, .uncompressed] {
        var options = options
        options.compression = codec
        var time = Duration.zero
        var writer: ParquetWriter?
        for try await shared in source.batches(columns: try source.metadata.projection(columns: [index])) {
          let batch = dense(shared)
          let start = clock.now
          if writer == nil { writer = try ParquetWriter(schema: batch.schema, options: options) }
          try writer?.write(batch)
          _ = writer?.takeOutput()
          time += clock.now - start
        }
        let start = clock.now
        _ = try writer?.finish()
        seconds.append((time + (clock.now - start)) / .seconds(1))
      }
      print(
        #"{"column":"\#(field.name)","seconds":\#(seconds[0]),"codec_seconds":\#(max(0, seconds[0] - seconds[1]))}"#)
    }
  }

  private func dense(_ batch: RecordBatch) -> RecordBatch {
    RecordBatch(
      schema: batch.schema, columns: batch.columns.map { $0.withoutDictionary() }, rowCount: batch.rowCount)
  }

  private func compression() throws -> ParquetCompression {
    let all: [(String, ParquetCompression)] = [
      ("uncompressed", .uncompressed), ("snappy", .snappy), ("gzip", .gzip), ("brotli", .brotli), ("zstd", .zstd),
      ("lz4-raw", .lz4Raw),
    ]
    guard let found = all.first(where: { $0.0 == codec }) else { throw ValidationError("no codec \(codec)") }
    return found.1
  }

  private func report(_ metadata: ParquetMetadata) {
    for (index, column) in metadata.columns.enumerated() {
      let chunks = metadata.rowGroups.map { $0.columns[index] }
      let size = chunks.reduce(0) { $0 + $1.totalCompressedSize }
      let plain = chunks.reduce(0) { $0 + $1.totalUncompressedSize }
      let encodings = Set(chunks.flatMap(\.encodings)).map(\.description).sorted().joined(separator: "+")
      let codecs = Set(chunks.map(\.codec.description)).sorted().joined(separator: "+")
      print("\(column.name)\t\(size)\t\(plain)\t\(codecs)\t\(encodings)")
    }
  }
}
