/// What may become of a range `[start, next)` that is to be committed on top of a snapshot.
public enum RangeVerdict: Hashable, Sendable {
  /// It begins where the table ends: commit it.
  case commit
  /// All of it has landed before: drop it.
  case landed(watermark: Int64)
  /// A part has landed before: another writer was here. Leave it out and read again from the watermark.
  case overlap(watermark: Int64)
  /// Something between the table's end and the range's start never landed: stop this partition.
  case gap(watermark: Int64)
  /// The table has gone over to a later incarnation of the topic: this range is of one that is no more.
  case superseded(incarnation: Int32)
}

/// The contiguity rule: a range lands only if it begins at the watermark of the snapshot that its commit is based on.
/// It fences zombies and double owners with no help from Kafka.
///
/// | watermark | range [10, 20) |
/// |---|---|
/// | none, 10 | commit |
/// | 20, 25 | landed |
/// | 15 | overlap |
/// | 5 | gap |
public func contiguityVerdict(start: Int64, next: Int64, watermark: Int64?) -> RangeVerdict {
  guard let watermark else { return .commit }
  if start == watermark { return .commit }
  if next <= watermark { return .landed(watermark: watermark) }
  return start < watermark ? .overlap(watermark: watermark) : .gap(watermark: watermark)
}
