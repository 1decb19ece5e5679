public import Columnar

/// Turns batches of columns into the bytes of a Parquet file, without doing any I/O.
public struct ParquetWriter: Sendable {
  /// Starts a file.
  public init(schema: Schema, options: ParquetWriterOptions = .init()) throws(ParquetError) {
    throw ParquetError(.notSupported, "writing")
  }

  /// Adds the rows of a batch; batches are split and merged into row groups.
  public mutating func write(_ batch: RecordBatch) throws(ParquetError) {}

  /// Ends the file: flushes the last row group and writes the footer.
  public mutating func finish() throws(ParquetError) -> ParquetMetadata { throw ParquetError(.notSupported, "writing") }

  /// The bytes finished since the last call.
  public mutating func takeOutput() -> [UInt8] { [] }
}
