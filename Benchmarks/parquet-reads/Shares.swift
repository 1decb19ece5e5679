import Columnar
import Compression
import Parquet
import Storage

/// Where the time of reading goes: each column alone, and what its codec takes of that.
struct Shares {
  let source: any RandomAccess
  private let clock = ContinuousClock()

  init(source: any RandomAccess) { self.source = source }

  func report() async throws {
    let file = try await ParquetFile.open(source)
    for (index, field) in file.metadata.schema.fields.enumerated() {
      let projection = try file.metadata.projection(columns: [index])
      let leaves = file.metadata.columns.indices.filter { leaf in
        let name = file.metadata.columns[leaf].name
        return name == field.name || name.hasPrefix("\(field.name).")
      }
      var best = Duration.seconds(1_000)
      for _ in 0..<3 {
        let start = clock.now
        for try await _ in file.batches(columns: projection) {}
        best = min(best, clock.now - start)
      }
      var codec = Duration.zero
      for leaf in leaves { codec += try await decompression(of: leaf, file) }
      print(
        #"{"column":"\#(field.name)","seconds":\#(best / .seconds(1)),"codec_seconds":\#(codec / .seconds(1))}"#)
    }
  }

  /// The time that decompressing all pages of a leaf takes; of V2 pages, whose levels are not compressed, none is
  /// counted.
  private func decompression(of leaf: Int, _ file: ParquetFile) async throws -> Duration {
    var total = Duration.zero
    for group in file.metadata.rowGroups.indices {
      let codec: CompressionCodec
      switch file.metadata.rowGroups[group].columns[leaf].codec {
      case .snappy: codec = .snappy
      case .zstd: codec = .zstd
      case .gzip: codec = .gzip
      default: continue
      }
      for page in try await file.pages(rowGroup: group, column: leaf) where page.type != .dataV2 {
        let start = page.offset + Int64(page.headerSize)
        total += try decompression(
          of: try await source.read(start..<start + Int64(page.compressedSize)), codec, size: page.uncompressedSize)
      }
    }
    return total
  }

  private func decompression(of bytes: [UInt8], _ codec: CompressionCodec, size: Int) throws -> Duration {
    var decompressor = Decompressor()
    // The first time makes the context, which a reader keeps.
    _ = try unsafe decompressor.decompress(bytes.span.bytes, codec: codec, limit: size)
    let start = clock.now
    _ = try unsafe decompressor.decompress(bytes.span.bytes, codec: codec, limit: size)
    return clock.now - start
  }
}
