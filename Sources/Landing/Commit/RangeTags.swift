package import Delta

/// A record by its offset and its Kafka time.
package struct RecordMark: Hashable, Sendable {
  /// The position in its Kafka partition.
  package var offset: Int64
  /// Milliseconds since 1970-01-01 UTC.
  package var timestampMillis: Int64
}

/// What a data file holds of one Kafka partition.
package struct RangeMark: Hashable, Sendable {
  /// Which life of which topic.
  package var source: TopicSource
  /// The positions.
  package var range: OffsetRange
  /// The record of the highest offset, where it is known.
  package var last: RecordMark?

  /// Whether the file may hold offsets of a partition at or above a bound.
  func reaches(_ source: TopicSource, _ partition: Int32, beyond bound: Int64) -> Bool {
    self.source == source && range.partition == partition && range.next > bound
  }
}

/// The marks on a data file that say which positions it holds. A landed file holds those of one Kafka partition, each
/// mark a tag of its own; one that was made of several holds those of many, all in the tag `kafka.ranges`:
///
///     ranges = range { " " range }
///     range  = topic "@" incarnation "/" partition ":" start "-" next [ ":" offset "@" milliseconds ]
///
/// For example `vitals@0/3:100-200:199@1767312000000`. Topics are made of letters, digits, dots, dashes and
/// underscores.
package enum RangeTags {
  private static let ranges = "kafka.ranges"

  static func tags(source: TopicSource, range: OffsetRange, last: RecordMark? = nil) -> [String: String?] {
    var tags: [String: String?] = [
      "kafka.topic": source.topic, "kafka.incarnation": String(source.incarnation),
      "kafka.partition": String(range.partition), "kafka.start": String(range.start), "kafka.next": String(range.next),
    ]
    if let last {
      tags["kafka.last.offset"] = String(last.offset)
      tags["kafka.last.timestamp"] = String(last.timestampMillis)
    }
    return tags
  }

  /// The record of the highest offset in a file of one range, if its marks tell.
  static func last(_ file: AddFile) -> RecordMark? {
    guard let offset = integer(file, "kafka.last.offset"), let timestamp = integer(file, "kafka.last.timestamp") else {
      return nil
    }
    return RecordMark(offset: offset, timestampMillis: timestamp)
  }

  /// What the marks of a file of one range say, or `nil` for all other files.
  static func parse(_ file: AddFile) -> (source: TopicSource, range: OffsetRange)? {
    guard let topic = file.tags?["kafka.topic"] ?? nil,
      let incarnation = integer(file, "kafka.incarnation").flatMap({ Int32(exactly: $0) }),
      let partition = integer(file, "kafka.partition").flatMap({ Int32(exactly: $0) }),
      let start = integer(file, "kafka.start"), let next = integer(file, "kafka.next"), start <= next
    else { return nil }
    return (
      TopicSource(topic: topic, incarnation: incarnation), OffsetRange(partition: partition, start: start, next: next)
    )
  }

  private static func integer(_ file: AddFile, _ name: String) -> Int64? {
    (file.tags?[name] ?? nil).flatMap { Int64($0) }
  }

  // MARK: Files made of several

  /// What a file holds, as far as its marks tell: one range, many, or none for a file of another writer.
  package static func marks(_ file: AddFile) -> [RangeMark] {
    if let (source, range) = parse(file) { return [RangeMark(source: source, range: range, last: last(file))] }
    guard let text = file.tags?[ranges] ?? nil else { return [] }
    return text.split(separator: " ").compactMap { mark(String($0)) }
  }

  /// The tags of a file that holds rows of all these: for each Kafka partition one range around all of its ranges.
  package static func merged(_ files: some Sequence<AddFile>) -> [String: String?]? {
    var union: [String: RangeMark] = [:]
    for mark in files.flatMap({ marks($0) }) {
      let key = mark.source.watermarkID(mark.range.partition)
      guard var known = union[key] else {
        union[key] = mark
        continue
      }
      known.range.start = min(known.range.start, mark.range.start)
      known.range.next = max(known.range.next, mark.range.next)
      if let last = mark.last, last.offset > known.last?.offset ?? -1 { known.last = last }
      union[key] = known
    }
    if union.isEmpty { return nil }
    return [ranges: union.sorted { $0.key < $1.key }.map { text($0.value) }.joined(separator: " ")]
  }

  private static func text(_ mark: RangeMark) -> String {
    let (source, range) = (mark.source, mark.range)
    let last = mark.last.map { ":\($0.offset)@\($0.timestampMillis)" } ?? ""
    return "\(source.topic)@\(source.incarnation)/\(range.partition):\(range.start)-\(range.next)" + last
  }

  private static func mark(_ text: String) -> RangeMark? {
    let parts = text.split(separator: ":")
    guard parts.count == 2 || parts.count == 3 else { return nil }
    let place = parts[0].split(whereSeparator: { $0 == "@" || $0 == "/" })
    let range = parts[1].split(separator: "-")
    guard place.count == 3, range.count == 2, let incarnation = Int32(place[1]), let partition = Int32(place[2]),
      let start = Int64(range[0]), let next = Int64(range[1]), start <= next
    else { return nil }
    var mark = RangeMark(
      source: TopicSource(topic: String(place[0]), incarnation: incarnation),
      range: OffsetRange(partition: partition, start: start, next: next))
    if parts.count == 3 {
      let last = parts[2].split(separator: "@").map { Int64($0) }
      guard last.count == 2, let offset = last[0], let millis = last[1] else { return nil }
      mark.last = RecordMark(offset: offset, timestampMillis: millis)
    }
    return mark
  }
}
