import Columnar
import CommandSupport
import Parquet

/// Prints the chosen rows, one row group in memory at a time; row groups without a chosen row are not read.
struct RowPrinting {
  let outline: Outline
  let selection: RowSelection
  var printer: BatchPrinter

  mutating func run(over inputs: inout InputSet) async throws {
    var firstRow: Int64 = 0
    for index in inputs.files.indices {
      let count = outline.rowCounts[index]
      if !selection.runs(in: firstRow..<firstRow + count).isEmpty {
        let file = try await inputs.open(index)
        try await print(file, inputs.files[index], from: firstRow)
      }
      inputs.close(index)
      firstRow += count
      if selection.ends(before: firstRow) { break }
    }
    try printer.finish()
  }

  private mutating func print(_ file: ParquetFile, _ input: InputFile, from firstRow: Int64) async throws {
    let layout = FileLayout(outline, file.metadata.schema, input.partitionValues)
    var groupStart = firstRow
    for (index, group) in file.metadata.rowGroups.enumerated() {
      let runs = selection.runs(in: groupStart..<groupStart + group.rowCount)
      groupStart += group.rowCount
      guard !runs.isEmpty else { continue }
      try Task.checkCancellation()
      guard !layout.leaves.isEmpty else {
        for run in runs { try printConstants(layout, count: run.count) }
        continue
      }
      let stored = try await file.read(rowGroup: index, columns: layout.leaves)
      let batch = layout.batch(stored.columns, rowCount: stored.rowCount)
      for run in runs { try printer.print(batch, rows: run.clamped(to: 0..<batch.rowCount)) }
    }
  }

  /// Prints rows that need nothing from the file, in batches of bounded size whatever number the footer names.
  private mutating func printConstants(_ layout: FileLayout, count: Int) throws {
    var left = count
    while left > 0 {
      let batch = layout.batch([], rowCount: min(left, 1 << 16))
      try printer.print(batch)
      left -= batch.rowCount
      try Task.checkCancellation()
    }
  }
}

/// Where the columns to print come from in one file.
private struct FileLayout {
  private enum Source {
    case stored(position: Int)
    case constant(Scalar)
  }

  /// The leaf columns to read, in rising order, each once.
  let leaves: [Int]
  private let schema: Schema
  private let sources: [Source]

  init(_ outline: Outline, _ file: Schema, _ partitions: [PartitionValue]) {
    let positions = Dictionary(zip(ColumnKey.keys(of: file), file.fields.indices)) { first, _ in first }
    let leaves = Set(outline.columns.compactMap { $0.isPartition ? nil : positions[$0.key] }).sorted()
    sources = outline.columns.map { column in
      if !column.isPartition, let leaf = positions[column.key], let position = leaves.firstIndex(of: leaf) {
        return .stored(position: position)
      }
      let text = partitions.first { $0.column == column.key.name }?.text
      let value = text.flatMap { Scalar(partitionText: $0, type: column.field.type) }
      return .constant(value ?? .null)
    }
    self.leaves = leaves
    schema = outline.schema
  }

  /// The columns to print out of those read.
  func batch(_ stored: [Column], rowCount: Int) -> RecordBatch {
    let columns = zip(sources, schema.fields).map { source, field in
      switch source {
      case .stored(let position): stored[position]
      case .constant(let value): Column.repeating(value, type: field.type, count: rowCount)
      }
    }
    return RecordBatch(schema: schema, columns: columns, rowCount: rowCount)
  }
}
