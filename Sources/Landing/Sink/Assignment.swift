import Kafka
import Logging

/// Finds where newly assigned partitions are taken up: asks the table and the spool, then the broker.
struct Assignment {
  /// Where a partition is taken up, and where the topic ends now.
  struct Point: Sendable {
    var resume: ResumePoint
    var high: Int64
  }

  let configuration: SinkConfiguration
  let consumer: KafkaConsumer
  let lander: Lander
  let log: Logger

  /// For each partition where to begin, in the incarnation that is landed. Blocks; broker failures are retried.
  func resumePoints(
    _ partitions: [Int32], isStopping: () -> Bool
  ) throws(LandingError) -> (points: [(partition: Int32, point: Point)], source: TopicSource) {
    guard !partitions.isEmpty else { return ([], try source()) }
    var points = try judge(partitions, isStopping)
    if configuration.newIncarnation {
      if points.contains(where: { $0.point.resume.isRecreation }) {
        let lander = self.lander
        try blocking { () throws(LandingError) in try await lander.raiseIncarnation() }
        points = try judge(partitions, isStopping)
      } else {
        log.warning("--new-incarnation is not needed: the topic goes on where the table ends")
      }
    }
    var starts: [Int32: Int64] = [:]
    for (partition, point) in points {
      switch point.resume {
      case .start(let position), .startBehindGap(let position, _): starts[partition] = position
      case .stop: break
      }
    }
    let (lander, positions) = (self.lander, starts)
    try blocking { () throws(LandingError) in try await lander.takeUp(positions) }
    return (points, try source())
  }

  private func source() throws(LandingError) -> TopicSource {
    let lander = self.lander
    return try blocking { () throws(LandingError) in await lander.source }
  }

  private func judge(
    _ partitions: [Int32], _ isStopping: () -> Bool
  ) throws(LandingError) -> [(partition: Int32, point: Point)] {
    let lander = self.lander
    var known = try blocking { () throws(LandingError) in try await lander.knowledge(of: partitions) }
    for partition in partitions { try askBroker(partition, &known, isStopping) }
    askGroup(&known)
    askRecords(&known)
    try askTimes(&known)
    return partitions.sorted().compactMap { partition in
      known[partition].map { knowledge in
        warnOfGroup(partition, knowledge)
        let resume = resumePoint(knowledge, acceptsGap: configuration.acceptsGap)
        return (partition, Point(resume: resume, high: knowledge.high))
      }
    }
  }

  private func name(_ partition: Int32) -> TopicPartition {
    TopicPartition(topic: configuration.source.topic, partition: partition)
  }

  private func askBroker(
    _ partition: Int32, _ known: inout [Int32: PartitionKnowledge], _ isStopping: () -> Bool
  ) throws(LandingError) {
    let name = name(partition)
    var failure: KafkaError?
    for _ in 0..<10 where !isStopping() {
      do throws(KafkaError) {
        let ends = try consumer.watermarks(name, timeoutMillis: 5_000)
        known[partition]?.low = ends.low
        known[partition]?.high = ends.high
        return
      } catch {
        failure = error
        guard error.isRetriable else { break }
      }
    }
    let reason = failure.map { "\($0)" } ?? "the sink is stopping"
    throw LandingError(
      .kafka, "the offsets of \(name.topic)/\(partition) could not be had from the broker: \(reason)",
      isRetriable: true)
  }

  /// The group's offsets decide only while the table is away; otherwise they are compared, and a failure does not
  /// matter.
  private func askGroup(_ known: inout [Int32: PartitionKnowledge]) {
    do throws(KafkaError) {
      for (place, offset) in try consumer.committed(known.keys.map { name($0) }, timeoutMillis: 5_000) {
        known[place.partition]?.groupOffset = offset
      }
    } catch {
      log.debug("the group's offsets could not be had", metadata: ["error": "\(error)"])
    }
  }

  /// The broker's records at the last landed offsets: another time than was landed means another topic.
  private func askRecords(_ known: inout [Int32: PartitionKnowledge]) {
    let places = known.compactMap { partition, knowledge in
      knowledge.lastLanded.flatMap { mark in
        (knowledge.low..<max(knowledge.low, knowledge.high)).contains(mark.offset)
          ? (name(partition), mark.offset) : nil
      }
    }
    guard !places.isEmpty else { return }
    do throws(KafkaError) {
      for (place, millis) in try consumer.timestamps(of: places, timeoutMillis: 5_000) {
        known[place.partition]?.brokerMillis = millis
      }
    } catch {
      log.debug("the last landed records could not be had from the broker", metadata: ["error": "\(error)"])
    }
  }

  /// Where partitions of which nothing landed yet begin, if the operator named a time.
  private func askTimes(_ known: inout [Int32: PartitionKnowledge]) throws(LandingError) {
    guard let millis = configuration.fromMillis else { return }
    let fresh = known.filter { $0.value.watermark == nil && $0.value.spoolEnd == nil }.keys.sorted()
    guard !fresh.isEmpty else { return }
    let found: [TopicPartition: Int64]
    do throws(KafkaError) {
      found = try consumer.offsets(atTimestamps: fresh.map { (name($0), millis) }, timeoutMillis: 10_000)
    } catch {
      throw LandingError(.kafka, "the broker cannot say where --from-timestamp begins: \(error)", isRetriable: true)
    }
    // Where no record is that young, the end.
    for partition in fresh {
      let end = known[partition]?.high
      known[partition]?.firstOffset = found[name(partition)] ?? end
    }
  }

  private func warnOfGroup(_ partition: Int32, _ known: PartitionKnowledge) {
    guard known.tableAnswered, known.chain == nil, let group = known.groupOffset, group > known.watermark ?? known.low
    else { return }
    log.warning(
      "the group's offset is above what has landed; reading from the table's end",
      metadata: [
        "partition": "\(configuration.source.topic)/\(partition)", "group": "\(group)",
        "landed": "\(known.watermark.map(String.init) ?? "nothing")",
      ])
  }
}

extension ResumePoint {
  fileprivate var isRecreation: Bool {
    if case .stop(let reason) = self { reason.isRecreation } else { false }
  }
}
