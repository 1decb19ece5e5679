/// The `commitInfo` action, as far as we write and read it.
public struct CommitInfo: Hashable, Sendable {
  /// Milliseconds since 1970-01-01 UTC, by the writer's clock.
  public var timestamp: Int64?
  /// The commit's own time of tables with in-commit timestamps, in the same unit; it rises with every version.
  public var inCommitTimestamp: Int64?
  /// What was done, in the field's words: `WRITE`, `STREAMING UPDATE`, `CREATE TABLE`, `DELETE`.
  public var operation: String?
  /// Details of the operation; values that are no texts are kept as JSON.
  public var operationParameters: [String: String]?
  /// Whether the commit only adds files and read none.
  public var isBlindAppend: Bool?
  /// Program and version.
  public var engineInfo: String?
  /// A random token, by which a writer knows its own commit again.
  public var txnId: String?

  /// Makes the action.
  public init(
    timestamp: Int64?, operation: String?, operationParameters: [String: String]? = nil, isBlindAppend: Bool?,
    engineInfo: String?, txnId: String?
  ) {
    self.timestamp = timestamp
    self.operation = operation
    self.operationParameters = operationParameters
    self.isBlindAppend = isBlindAppend
    self.engineInfo = engineInfo
    self.txnId = txnId
  }
}
