/// What a sink did from its start to its end.
public struct SinkReport: Hashable, Sendable {
  /// Rows in the table or the spool.
  public var rows = 0
  /// Records in the dead-letter table.
  public var deadLetters = 0
  /// Dead letters by the code of their reason.
  public var reasons: [String: Int] = [:]
  /// Data files.
  public var files = 0
  /// Bytes of the data files.
  public var bytes: Int64 = 0
  /// Batches committed.
  public var batches = 0
  /// Rows among ``rows`` that wait in the spool as far as this sink knows.
  public var spooledRows = 0
  /// Why partitions were stopped.
  public var stopped: [String] = []

  /// Adds what another sink of the same process did.
  public mutating func add(_ other: SinkReport) {
    rows += other.rows
    deadLetters += other.deadLetters
    reasons.merge(other.reasons, uniquingKeysWith: +)
    files += other.files
    bytes += other.bytes
    batches += other.batches
    spooledRows += other.spooledRows
    stopped += other.stopped
  }

  /// Makes the report of a sink that has done nothing.
  public init() {}
}
