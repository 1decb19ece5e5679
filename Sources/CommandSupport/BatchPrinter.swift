public import Columnar

/// Prints batches of rows in one of the formats that all commands share.
///
/// Columns become text one after the other, 1,024 rows at a time, and are then dealt out to the rows: no value is a
/// `String` on the way. Output goes out in pieces of 64 KiB; ``flush()`` and ``finish()`` send what is left. Memory is
/// bounded by the text of 1,024 rows and of the dictionaries' values in use.
public struct BatchPrinter {
  /// Takes finished bytes: standard output, or a test.
  public typealias Output = ([UInt8]) throws -> Void

  private static let rowsAtOnce = 1_024

  private let format: OutputFormat
  private let schema: Schema
  private let output: Output
  private let frame: RowFrame
  private var cells: [CellText]
  private var table: TableLayout?
  private var hasBegun = false
  private var pending: [UInt8] = []
  private static let bytesAtOnce = 1 << 16
  /// How many rows have been printed.
  public private(set) var rowCount = 0

  /// Makes a printer for rows of a schema.
  ///
  /// - Parameters:
  ///   - types: what a table for a terminal shows below the names of its columns.
  ///   - terminalWidth: the columns that a table has to fit into; `nil` cuts nothing.
  ///   - output: where the bytes go, in pieces of many rows.
  public init(
    format: OutputFormat, schema: Schema, types: [String] = [],
    terminalWidth: Int? = StandardOutput.terminalWidth,
    to output: @escaping Output = StandardOutput.write
  ) {
    self.format = format
    self.schema = schema
    self.output = output
    frame = RowFrame(format: format, schema: schema)
    cells = schema.fields.map { _ in CellText(style: format.cellStyle) }
    if format == .table {
      table = TableLayout(schema: schema, types: terminalWidth == nil ? [] : types, terminalWidth: terminalWidth)
    }
  }

  /// Prints rows of a batch, by default all.
  ///
  /// - Throws: what the output throws.
  /// - Precondition: the batch has the printer's columns.
  public mutating func print(_ batch: RecordBatch, rows: Range<Int>? = nil) throws {
    precondition(batch.columns.count == cells.count, "a batch of other columns than the printer's")
    let all = rows ?? 0..<batch.rowCount
    var isContinued = false
    for start in stride(from: all.lowerBound, to: all.upperBound, by: BatchPrinter.rowsAtOnce) {
      let chunk = start..<min(start + BatchPrinter.rowsAtOnce, all.upperBound)
      for index in cells.indices {
        cells[index].fill(batch.columns[index], chunk, isContinued: isContinued)
      }
      isContinued = true
      begin()
      if table != nil {
        table?.append(cells, count: chunk.count, to: &pending)
      } else {
        frame.append(cells, count: chunk.count, isFirst: rowCount == 0, to: &pending)
      }
      rowCount += chunk.count
      if pending.count >= BatchPrinter.bytesAtOnce { try flush() }
    }
  }

  /// Hands what has been printed to the output.
  public mutating func flush() throws {
    guard !pending.isEmpty else { return }
    try output(pending)
    pending.removeAll(keepingCapacity: true)
  }

  /// Ends the output: headers of empty tables, the bracket of a JSON array; then flushes.
  public mutating func finish() throws {
    begin()
    if table != nil { table?.append([], count: 0, to: &pending) }
    if format == .json { pending += Array(rowCount == 0 ? "]\n".utf8 : "\n]\n".utf8) }
    try flush()
  }

  /// Adds what comes before the first row, once.
  private mutating func begin() {
    if !hasBegun { pending += frame.header }
    hasBegun = true
  }
}

extension OutputFormat {
  /// How values look in this format.
  var cellStyle: CellStyle {
    switch self {
    case .table: .terminal
    case .ndjson, .json: .json
    case .csv: .csv
    case .tsv: .tsv
    case .markdown: .markdown
    }
  }
}
