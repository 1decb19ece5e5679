/// Which life of which topic: the records are known by this, the partition and the offset.
public struct TopicSource: Hashable, Sendable {
  /// The topic's name.
  public var topic: String
  /// How often the topic was deleted and made again.
  public var incarnation: Int32

  /// Makes a source.
  public init(topic: String, incarnation: Int32 = 0) {
    self.topic = topic
    self.incarnation = incarnation
  }

  /// The application id of a partition's watermark: the next offset to land. It names no host and no group, so that
  /// two sinks meet on the same watermark.
  public func watermarkID(_ partition: Int32) -> String { "vitals-sink/\(topic)@\(incarnation)/\(partition)" }

  /// In a spool: where the chain of spooled ranges of the present outage begins.
  func chainID(_ partition: Int32) -> String { "vitals-spool-chain/\(topic)@\(incarnation)/\(partition)" }

  /// In a spool: up to where spooled ranges have been brought home.
  func drainedID(_ partition: Int32) -> String { "vitals-spool-drained/\(topic)@\(incarnation)/\(partition)" }

  /// The partition that a watermark's application id names, if it is of this source.
  func partition(ofWatermarkID id: String) -> Int32? {
    let prefix = "vitals-sink/\(topic)@\(incarnation)/"
    guard id.hasPrefix(prefix) else { return nil }
    return Int32(id.dropFirst(prefix.count))
  }

  /// The source and partition that a watermark's application id names; `nil` for the ids of others.
  package static func parse(watermarkID id: String) -> (source: TopicSource, partition: Int32)? {
    let parts = id.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0] == "vitals-sink", let partition = Int32(parts[2]),
      let at = parts[1].lastIndex(of: "@"), let incarnation = Int32(parts[1][parts[1].index(after: at)...])
    else { return nil }
    return (TopicSource(topic: String(parts[1][..<at]), incarnation: incarnation), partition)
  }
}
