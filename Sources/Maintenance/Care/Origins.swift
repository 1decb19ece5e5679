import Columnar
import Delta
import Landing

/// Where the rows of a table came from, each place once.
///
/// Rows of dead letters name their topic. Those of other tables do not: the marks on their file tell, and where there
/// are none, since another engine rewrote the file, it is the one topic that has landed offsets of that partition.
struct Origins {
  /// A Kafka partition in one life of a topic; an empty topic is one that rows do not name.
  private struct Place: Hashable {
    var topic: String
    var incarnation: Int32
    var partition: Int32
  }

  /// The offsets of one Kafka partition.
  private struct Offsets {
    var seen = NumberSet()
    var repeated: Int64 = 0
    var firstRepeated: Int64 = 0
    var highest: Int64 = -1

    mutating func add(_ offset: Int64) {
      if !seen.insert(offset) {
        if repeated == 0 { firstRepeated = offset }
        repeated += 1
      }
      highest = max(highest, offset)
    }
  }

  private var slots: [Place: Int] = [:]
  private var offsets: [Offsets] = []
  private var watermarks: [Place: Int64] = [:]
  /// The topics that have a watermark, by incarnation and partition.
  private var landed: [Place: Set<String>] = [:]
  /// Dead letters have marks of another kind.
  private let namesTopics: Bool
  /// Rows of which nothing tells the topic.
  private(set) var unattributed: Int64 = 0

  init(_ snapshot: Snapshot) {
    namesTopics = snapshot.namesTopics
    for mark in snapshot.transactions.values {
      guard let (source, partition) = TopicSource.parse(watermarkID: mark.appId) else { continue }
      var place = Place(topic: source.topic, incarnation: source.incarnation, partition: partition)
      watermarks[place] = mark.version
      place.topic = ""
      landed[place, default: []].insert(source.topic)
    }
  }

  /// Takes in rows of a file.
  mutating func add(_ batch: RecordBatch, of file: AddFile) {
    guard case .int64(let offsets)? = batch.column("_kafka_offset")?.values.withoutDictionary() else { return }
    let (topics, partitions) = (batch.column("_kafka_topic"), narrow(batch.column("_kafka_partition")))
    let incarnations = narrow(batch.column("_kafka_incarnation"))
    let marked = topics == nil ? Self.topics(of: file) : [:]
    // Few partitions come again and again: their slots are looked up by a number and not by a name.
    var known: [UInt64: Int] = [:]
    for row in offsets.indices {
      var place = Place(topic: "", incarnation: incarnations?[row] ?? 0, partition: partitions?[row] ?? 0)
      if case .bytes(let topic)? = topics?.scalar(at: row) {
        place.topic = String(decoding: topic, as: UTF8.self)
        self.offsets[slot(of: place)].add(offsets[row])
        continue
      }
      let key = UInt64(UInt32(bitPattern: place.incarnation)) << 32 | UInt64(UInt32(bitPattern: place.partition))
      let slot: Int
      if let found = known[key] {
        slot = found
      } else {
        if let found = attributed(place, marked) { slot = self.slot(of: found) } else { slot = -1 }
        known[key] = slot
      }
      if slot < 0 { unattributed += 1 } else { self.offsets[slot].add(offsets[row]) }
    }
  }

  private mutating func slot(of place: Place) -> Int {
    if let slot = slots[place] { return slot }
    slots[place] = offsets.count
    offsets.append(Offsets())
    return offsets.count - 1
  }

  /// The place with its topic; `nil` where it may be of several.
  private func attributed(_ place: Place, _ marked: [Place: Set<String>]) -> Place? {
    var place = place
    let candidates = marked[place] ?? landed[place] ?? []
    if candidates.count > 1 { return nil }
    place.topic = candidates.first ?? ""
    return place
  }

  private static func topics(of file: AddFile) -> [Place: Set<String>] {
    var topics: [Place: Set<String>] = [:]
    for mark in RangeTags.marks(file) {
      let place = Place(topic: "", incarnation: mark.source.incarnation, partition: mark.range.partition)
      topics[place, default: []].insert(mark.source.topic)
    }
    return topics
  }

  private func narrow(_ column: Column?) -> [Int32]? {
    if case .int32(let list)? = column?.values.withoutDictionary() { list } else { nil }
  }

  /// What is wrong with the offsets, sorted.
  func problems() -> [String] {
    var problems: [String] = []
    for (place, slot) in slots {
      let found = offsets[slot]
      if found.repeated > 0 {
        problems.append(
          "\(name(place)): \(found.repeated) offsets are there more than once, one of them \(found.firstRepeated)")
      }
      if !namesTopics, let watermark = watermarks[place], found.highest >= watermark {
        problems.append(
          "\(name(place)): offset \(found.highest) is there, and the watermark stands at \(watermark)")
      }
    }
    return problems.sorted()
  }

  private func name(_ place: Place) -> String {
    let topic = Set(watermarks.keys.map(\.topic)).count > 1 ? " of \(place.topic)" : ""
    return "Kafka partition \(place.partition)" + topic
      + (place.incarnation == 0 ? "" : " of incarnation \(place.incarnation)")
  }
}
