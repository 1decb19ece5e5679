/// What became of one batch.
public struct LandingReceipt: Sendable {
  /// Whether it went to the spool and waits there.
  public var isSpooled: Bool
  /// The version of the table or spool; `nil` when nothing was left to commit.
  public var version: Int64?
  /// What became of each Kafka partition's range.
  public var verdicts: [Int32: RangeVerdict]
  /// The ranges of the batch.
  public var ranges: [OffsetRange]
  /// Rows that were committed.
  public var rows = 0
  /// Dead letters that were committed.
  public var deadLetters = 0
  /// Data files that were committed.
  public var files = 0
  /// Bytes of those files.
  public var bytes: Int64 = 0
}
