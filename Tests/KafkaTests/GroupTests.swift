import Foundation
import Kafka
import Testing

/// Group membership; a first join takes the mock cluster three seconds.
@Suite struct GroupTests {
  private static let quick = ["session.timeout.ms": "6000", "heartbeat.interval.ms": "200"]

  @Test func twoMembersShareTheTopicAndTheSurvivorGetsItBack() throws {
    let bench = try Bench(partitions: 4)
    let first = try bench.consumer(Self.quick)
    try first.subscribe(["vitals"])
    let alone = try first.harvest(answering: true) { $0.assigned != nil }
    #expect(alone.assigned == (0..<4).map { bench.place($0) })

    let second = try bench.consumer(Self.quick)
    try second.subscribe(["vitals"])
    // On a slow machine the group may go through more rounds than two, each a whole revocation and assignment; what
    // counts is where it settles.
    var (mine, other) = (Harvest(), Harvest())
    mine.assigned = alone.assigned
    let deadline = Date().addingTimeInterval(60)
    while Date() < deadline, mine.assigned?.count != 2 || other.assigned?.count != 2 {
      let held = mine.assigned
      mine.revoked = nil
      try first.gather(into: &mine)
      if let revoked = mine.revoked { #expect(revoked == held, "eager members give back all that they have") }
      try second.gather(into: &other)
    }
    let shares = [mine.assigned ?? [], other.assigned ?? []]
    #expect(shares.map(\.count) == [2, 2])
    #expect(Set(shares.joined()).count == 4)

    try second.commit(shares[1].map { ($0, 3) })
    second.close()
    let again = try first.harvest(seconds: 60, answering: true) { $0.assigned?.count == 4 }
    #expect(again.revoked?.count == 2)
    #expect(again.assigned?.count == 4)
    #expect(try first.committed(shares[1], timeoutMillis: 5_000).values.map { $0 } == [3, 3])
    first.close()
  }

  @Test func closeDoesNotWaitForAnAssignmentThatNobodyAnswered() throws {
    let bench = try Bench(partitions: 2)
    let consumer = try bench.consumer(Self.quick)
    try consumer.subscribe(["vitals"])
    let harvest = try consumer.harvest(answering: false) { $0.assigned != nil }
    #expect(harvest.assigned?.count == 2)
    let start = Date()
    consumer.close()
    #expect(Date().timeIntervalSince(start) < 5)
  }

  @Test func aMemberUnderItsInstanceNameKeepsItsPartitions() throws {
    let bench = try Bench(partitions: 2)
    let configuration = bench.configuration(Self.quick)
    for _ in 0..<2 {
      let consumer = try KafkaConsumer(configuration: configuration, groupID: "static", instanceID: "sink-1")
      try consumer.subscribe(["vitals"])
      let harvest = try consumer.harvest(answering: true) { $0.assigned != nil }
      #expect(harvest.assigned?.count == 2)
      consumer.close()
    }
  }

  @Test func aMemberThatDoesNotPollIsToldSo() throws {
    let bench = try Bench(partitions: 1)
    let consumer = try bench.consumer(
      group: "slow", ["session.timeout.ms": "4000", "max.poll.interval.ms": "4000", "heartbeat.interval.ms": "200"])
    try consumer.subscribe(["vitals"])
    let joined = try consumer.harvest(answering: true) { $0.assigned != nil }
    #expect(joined.assigned?.count == 1)
    Thread.sleep(forTimeInterval: 5)
    let late = try consumer.harvest(answering: true) { !$0.errors.isEmpty && $0.revoked != nil }
    #expect(late.errors.contains { $0.name == "_MAX_POLL_EXCEEDED" && $0.isRetriable })
    #expect(late.revoked?.count == 1)
  }
}
