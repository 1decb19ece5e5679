/// How a file is read.
public struct ReadOptions: Hashable, Sendable {
  /// The most rows of a batch.
  public var batchRows = 1 << 16
  /// About how many bytes a batch fills in memory: where rows are wide, it has fewer of them.
  public var batchBytes = 64 << 20
  /// Whether byte strings that the file keeps as codes into a dictionary stay codes; else each row has its own copy.
  public var keepsDictionaries = true
  /// Whether pages are compared with their checksums, where they have one.
  public var verifiesChecksums = true

  /// Makes the default options.
  public init() {}
}
