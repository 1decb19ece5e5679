import Columnar
import CommandSupport
import Parquet

/// Prints the chosen rows, one batch in memory at a time; row groups without a chosen row are not read.
struct RowPrinting {
  let outline: Outline
  /// The names of the columns; empty for all.
  let names: [String]
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
    let projection = try file.metadata.projection(existing: names)
    let layout = FileLayout(outline, projection.schema, input.partitionValues)
    var groupStart = firstRow
    var fileRow: Int64 = 0
    for group in file.metadata.rowGroups {
      let runs = selection.runs(in: groupStart..<groupStart + group.rowCount)
      groupStart += group.rowCount
      let groupRow = fileRow
      fileRow += group.rowCount
      guard !runs.isEmpty else { continue }
      try Task.checkCancellation()
      guard !projection.schema.fields.isEmpty else {
        for run in runs { try printConstants(layout, count: run.count) }
        continue
      }
      var nextRun = 0
      var waiting = Self.stretches(runs)[...]
      var start = waiting.first?.lowerBound ?? 0
      let ranges = waiting.map { groupRow + Int64($0.lowerBound)..<groupRow + Int64($0.upperBound) }
      for try await stored in file.batches(columns: projection, ranges: ranges) {
        let batch = layout.batch(stored.columns, rowCount: stored.rowCount)
        let window = start..<start + batch.rowCount
        while nextRun < runs.count, runs[nextRun].lowerBound < window.upperBound {
          let common = runs[nextRun].clamped(to: window)
          try printer.print(batch, rows: common.lowerBound - start..<common.upperBound - start)
          if runs[nextRun].upperBound > window.upperBound { break }
          nextRun += 1
        }
        start = window.upperBound
        // No batch spans two stretches.
        if start == waiting.first?.upperBound {
          waiting = waiting.dropFirst()
          start = waiting.first?.lowerBound ?? start
        }
        try Task.checkCancellation()
      }
    }
  }

  /// Rows between two runs that are cheaper to read than to pass over.
  private static let gap = 4_096

  /// What is read for runs: those near to each other in one stretch, and nothing of the pages between others.
  private static func stretches(_ runs: [Range<Int>]) -> [Range<Int>] {
    var result: [Range<Int>] = []
    for run in runs {
      if let last = result.last, run.lowerBound - last.upperBound <= gap {
        result[result.count - 1] = last.lowerBound..<run.upperBound
      } else {
        result.append(run)
      }
    }
    return result
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

  private let schema: Schema
  private let sources: [Source]

  init(_ outline: Outline, _ file: Schema, _ partitions: [PartitionValue]) {
    let positions = Dictionary(zip(ColumnKey.keys(of: file), file.fields.indices)) { first, _ in first }
    sources = outline.columns.map { column in
      if !column.isPartition, let position = positions[column.key] {
        return .stored(position: position)
      }
      let text = partitions.first { $0.column == column.key.name }?.text
      let value = text.flatMap { Scalar(partitionText: $0, type: column.field.type) }
      return .constant(value ?? .null)
    }
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
