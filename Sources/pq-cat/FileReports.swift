import Columnar
import CommandSupport
import Parquet

/// What the footers say, as rows to print.
enum FileReports {
  /// `--meta`: a row for each fact about a file.
  static func metadata() -> Report { Report(["file", "property", "value"]) }

  static func add(_ metadata: ParquetMetadata, of name: String, to report: inout Report) {
    func add(_ property: String, _ value: String?) {
      report.append([.text(name), .text(property), .init(value)])
    }
    add("created_by", metadata.createdBy)
    add("format_version", "\(metadata.version)")
    add("rows", "\(metadata.rowCount)")
    add("row_groups", "\(metadata.rowGroups.count)")
    add("columns", "\(metadata.columns.count)")
    let chunks = metadata.rowGroups.flatMap(\.columns)
    add("codecs", Set(chunks.map { "\($0.codec)" }).sorted().joined(separator: ","))
    add("encodings", Set(chunks.flatMap(\.encodings).map { "\($0)" }).sorted().joined(separator: ","))
    add("compressed_bytes", "\(sum(chunks.map(\.totalCompressedSize)))")
    add("uncompressed_bytes", "\(sum(chunks.map(\.totalUncompressedSize)))")
    add("footer_bytes", "\(metadata.footerBytes)")
    for note in metadata.keyValueMetadata { add("note.\(note.key)", note.value) }
  }

  /// `--stats`: a row for each column of each row group.
  static func statistics() -> Report {
    Report(
      [
        "file", "row_group", "column", "type", "codec", "encodings", "values", "nulls", "distinct", "min", "max",
        "compressed_bytes", "uncompressed_bytes",
      ],
      integers: [
        "row_group", "values", "nulls", "distinct", "compressed_bytes", "uncompressed_bytes",
      ])
  }

  static func addStatistics(_ metadata: ParquetMetadata, of name: String, columns: [String], to report: inout Report) {
    for (groupIndex, group) in metadata.rowGroups.enumerated() {
      for (chunk, field) in zip(group.columns, metadata.columns) where isChosen(field.name, columns) {
        let statistics = chunk.statistics
        report.append([
          .text(name), .init(groupIndex), .text(field.name), .text(chunk.physicalType.name), .text("\(chunk.codec)"),
          .text(chunk.encodings.map { "\($0)" }.joined(separator: ",")), .init(chunk.valueCount),
          .init(statistics.nullCount), .init(statistics.distinctCount),
          .init(statistics.min.map { $0.text(type: field.type) }),
          .init(statistics.max.map { $0.text(type: field.type) }),
          .init(chunk.totalCompressedSize), .init(chunk.totalUncompressedSize),
        ])
      }
    }
  }

  /// `--pages`: a row for each page.
  static func pages() -> Report {
    let integers = [
      "row_group", "page", "values", "nulls", "rows", "offset", "header_bytes", "compressed_bytes",
      "uncompressed_bytes", "crc",
    ]
    return Report(
      [
        "file", "row_group", "column", "page", "type", "encoding", "values", "nulls", "rows", "offset",
        "header_bytes", "compressed_bytes", "uncompressed_bytes", "crc",
      ], integers: Set(integers))
  }

  static func addPages(_ file: ParquetFile, of name: String, columns: [String], to report: inout Report) async throws {
    for groupIndex in file.metadata.rowGroups.indices {
      for (leaf, field) in file.metadata.columns.enumerated() where isChosen(field.name, columns) {
        for (position, page) in try await file.pages(rowGroup: groupIndex, column: leaf).enumerated() {
          report.append([
            .text(name), .init(groupIndex), .text(field.name), .init(position), .text("\(page.type)"),
            .text("\(page.encoding)"), .init(page.valueCount), .init(page.nullCount), .init(page.rowCount),
            .init(page.offset), .init(page.headerSize), .init(page.compressedSize), .init(page.uncompressedSize),
            .init(page.crc),
          ])
        }
      }
    }
  }

  /// Whether a column is asked for: by its name, or by that of a group above it; no names ask for all.
  private static func isChosen(_ column: String, _ names: [String]) -> Bool {
    names.isEmpty || names.contains { column == $0 || column.hasPrefix("\($0).") }
  }

  /// `--verify`: a row for each file.
  static func verification() -> Report {
    Report(["file", "status", "rows", "row_groups"], integers: ["rows", "row_groups"])
  }

  /// Sizes come from files and may be absurd: the sum stops at the largest number.
  private static func sum(_ sizes: [Int64]) -> Int64 {
    sizes.reduce(0) { total, size in
      let (sum, overflow) = total.addingReportingOverflow(size)
      return overflow ? .max : sum
    }
  }
}
