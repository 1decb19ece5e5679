public import Storage

/// What is wrong with a Parquet file, or with what was asked of it, and where.
public struct ParquetError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The kinds of failure that callers tell apart.
  public enum Code: String, Hashable, Sendable {
    /// The bytes break the format: the file is damaged, or was written wrongly.
    case outOfSpec
    /// The file is well-formed but uses a feature that this library lacks.
    case notSupported
    /// The caller asked for something that does not exist, or gave values that do not fit the schema.
    case invalidParameter
    /// A declared size is beyond the limits of ``ReaderLimits``.
    case wouldOverAllocate
    /// The bytes could not be read; ``ParquetError/cause`` says why.
    case io
  }

  /// The kind of failure.
  public var code: Code
  /// One line: what is wrong. Holds no values of the data.
  public var message: String
  /// The name of the file, where known.
  public var file: String?
  /// The row group's position in the file, where known.
  public var rowGroup: Int?
  /// The column's dotted path, where known.
  public var column: String?
  /// The page's position in its column chunk, where known.
  public var page: Int?
  /// The byte offset in the file, where known.
  public var offset: Int64?
  /// The failure of the store beneath, for ``Code/io``.
  public var cause: StorageError?

  /// Makes an error without a place; the layers above add it.
  public init(_ code: Code, _ message: String, offset: Int64? = nil) {
    self.code = code
    self.message = message
    self.offset = offset
  }

  /// Wraps the failure of a store.
  public init(_ cause: StorageError) {
    self.init(.io, cause.message)
    self.cause = cause
    file = cause.path
  }

  /// Whether the same call may succeed later without anybody changing anything.
  public var isRetriable: Bool { cause?.isRetriable ?? false }

  /// The same error with the place filled in where it was not yet known.
  func located(
    file: String? = nil, rowGroup: Int? = nil, column: String? = nil, page: Int? = nil, offset: Int64? = nil
  ) -> ParquetError {
    var copy = self
    copy.file = copy.file ?? file
    copy.rowGroup = copy.rowGroup ?? rowGroup
    copy.column = copy.column ?? column
    copy.page = copy.page ?? page
    copy.offset = copy.offset ?? offset
    return copy
  }

  public var description: String {
    var place: [String] = []
    if let rowGroup { place.append("row group \(rowGroup)") }
    if let column { place.append("column \(column)") }
    if let page { place.append("page \(page)") }
    if let offset { place.append("byte \(offset)") }
    let prefix = file.map { "\($0): " } ?? ""
    return prefix + message + (place.isEmpty ? "" : " (" + place.joined(separator: ", ") + ")")
  }
}
