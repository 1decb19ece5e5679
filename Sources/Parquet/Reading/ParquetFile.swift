public import Columnar
public import Storage

/// A Parquet file open for reading.
public struct ParquetFile: Sendable {
  /// What the footer says.
  public let metadata: ParquetMetadata

  /// Reads the footer.
  public static func open(_ source: any RandomAccess, limits: ReaderLimits = .init()) async throws(ParquetError)
    -> ParquetFile
  {
    throw ParquetError(.notSupported, "reading")
  }

  /// Reads columns of one row group.
  public func read(rowGroup: Int, columns: [Int]? = nil) async throws(ParquetError) -> RecordBatch {
    throw ParquetError(.notSupported, "reading")
  }
}
