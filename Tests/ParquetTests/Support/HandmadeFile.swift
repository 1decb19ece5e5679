import Columnar
import Compression

@testable import Parquet

/// A file put together page by page, so that tests decide what stands in it.
struct HandmadeFile {
  private var bytes: [UInt8] = Array("PAR1".utf8)
  private var chunks: [ColumnChunkMetadata] = []
  private var groups: [RowGroupMetadata] = []
  private let elements: [SchemaElement]
  var createdBy: String?

  /// A file of a schema tree; `fields` are the elements below the root.
  init(fields: [[SchemaElement]]) {
    var root = SchemaElement(name: "schema")
    root.childCount = Int32(fields.count)
    elements = [root] + fields.flatMap { $0 }
  }

  /// Adds a chunk out of pages: each a header, of which the sizes are filled in, and its bytes.
  mutating func addChunk(
    _ physical: PhysicalType, codec: ParquetCompression = .uncompressed, pages: [(header: PageHeader, body: [UInt8])],
    hasChecksums: Bool = true
  ) {
    var chunk = ColumnChunkMetadata()
    chunk.physicalType = physical
    chunk.codec = codec
    chunk.dataPageOffset = Int64(bytes.count)
    for (header, body) in pages {
      var header = header
      if header.uncompressedSize == 0 { header.uncompressedSize = body.count }
      header.compressedSize = body.count
      if hasChecksums { header.crc = unsafe crc32(body.span.bytes) }
      bytes += header.serialised() + body
      chunk.valueCount += header.type == .dictionary ? 0 : Int64(header.valueCount)
    }
    chunk.totalCompressedSize = Int64(bytes.count) - chunk.dataPageOffset
    chunk.totalUncompressedSize = chunk.totalCompressedSize
    chunks.append(chunk)
  }

  /// Closes a row group of the chunks added.
  mutating func addRowGroup(rows: Int) {
    groups.append(RowGroupMetadata(columns: chunks, rowCount: Int64(rows), totalByteSize: 0, sortingColumns: []))
    chunks = []
  }

  /// The finished bytes.
  func finished() -> [UInt8] {
    let metadata = ParquetMetadata(
      version: 1, rowCount: groups.reduce(0) { $0 + $1.rowCount }, schema: Schema([]), columns: [],
      schemaElements: elements, rowGroups: groups, createdBy: createdBy, keyValueMetadata: [], columnOrders: [],
      footerBytes: 0
    ).serialised()
    let length = (0..<4).map { UInt8(truncatingIfNeeded: metadata.count >> (8 * $0)) }
    return bytes + metadata + length + Array("PAR1".utf8)
  }
}

/// The bytes of levels in a V1 page: their length, then the hybrid.
func levelSection(_ levels: ArraySlice<UInt32>, largest: Int) -> [UInt8] {
  if largest == 0 { return [] }
  var body: [UInt8] = []
  encodeHybrid(Array(levels).span, width: levelWidth(largest), appendingTo: &body)
  return (0..<4).map { UInt8(truncatingIfNeeded: body.count >> (8 * $0)) } + body
}

/// Numbers in PLAIN.
func plainBytes(_ values: some Sequence<Int32>) -> [UInt8] {
  values.flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
}
