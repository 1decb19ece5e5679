import Kafka

/// Finds where newly assigned partitions are taken up: asks the table and the spool, then the broker.
struct Assignment {
  let configuration: SinkConfiguration
  let consumer: KafkaConsumer
  let lander: Lander

  /// For each partition where to begin, and where the topic ends now. Blocks; broker failures are retried.
  func resumePoints(
    _ partitions: [Int32], isStopping: () -> Bool
  ) throws(LandingError) -> [(partition: Int32, point: (resume: ResumePoint, high: Int64))] {
    guard !partitions.isEmpty else { return [] }
    let lander = self.lander
    var known = try blocking { () throws(LandingError) in try await lander.knowledge(of: partitions) }
    var points: [(partition: Int32, point: (resume: ResumePoint, high: Int64))] = []
    var starts: [Int32: Int64] = [:]
    for partition in partitions.sorted() {
      guard var knowledge = known.removeValue(forKey: partition) else { continue }
      try askBroker(partition, &knowledge, isStopping)
      let resume = resumePoint(knowledge)
      if case .start(let position) = resume { starts[partition] = position }
      points.append((partition, (resume, knowledge.high)))
    }
    let positions = starts
    try blocking { () throws(LandingError) in try await lander.takeUp(positions) }
    return points
  }

  private func askBroker(
    _ partition: Int32, _ knowledge: inout PartitionKnowledge, _ isStopping: () -> Bool
  ) throws(LandingError) {
    let name = TopicPartition(topic: configuration.source.topic, partition: partition)
    var failure: KafkaError?
    for _ in 0..<10 where !isStopping() {
      do throws(KafkaError) {
        (knowledge.low, knowledge.high) = try consumer.watermarks(name, timeoutMillis: 5_000)
        if !knowledge.tableAnswered {
          knowledge.groupOffset = try consumer.committed([name], timeoutMillis: 5_000)[name]
        }
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
}
