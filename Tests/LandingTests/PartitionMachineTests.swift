import Testing

@testable import Landing

@Suite("States of a partition")
struct PartitionMachineTests {
  /// What happened, the state that it must lead to, and what must be done.
  struct Step: Sendable {
    var event: PartitionMachine.Event
    var mode: PartitionMode
    var action: PartitionMachine.Action = .none

    init(_ event: PartitionMachine.Event, _ mode: PartitionMode, _ action: PartitionMachine.Action = .none) {
      (self.event, self.mode, self.action) = (event, mode, action)
    }
  }

  private static let fenced = "fenced: another sink lands this partition (3 lost commits in a row)"

  private static let stories: [(name: String, steps: [Step])] = [
    (
      "an outage and the way back",
      [
        Step(.landed, .normal), Step(.place(.spool), .spooling), Step(.landed, .spooling),
        Step(.place(.draining), .draining), Step(.place(.spool), .spooling), Step(.place(.draining), .draining),
        Step(.place(.table), .normal),
      ]
    ),
    (
      "another writer wins three times",
      [
        Step(.lost(watermark: 5), .normal, .readFrom(5)), Step(.lost(watermark: 9), .normal, .readFrom(9)),
        Step(.lost(watermark: 12), .fenced, .leave(fenced)), Step(.lost(watermark: 13), .fenced),
        Step(.place(.spool), .fenced), Step(.held(.behind), .fenced), Step(.refused("x"), .fenced),
      ]
    ),
    (
      "another writer lands the same ranges again and again",
      [
        Step(.forestalled, .normal), Step(.forestalled, .normal), Step(.forestalled, .fenced, .leave(fenced)),
        Step(.forestalled, .fenced),
      ]
    ),
    (
      "a commit of ours between forgives the losses",
      [
        Step(.lost(watermark: 5), .normal, .readFrom(5)), Step(.lost(watermark: 9), .normal, .readFrom(9)),
        Step(.landed, .normal), Step(.lost(watermark: 12), .normal, .readFrom(12)),
      ]
    ),
    (
      "a gap stops for good",
      [Step(.refused("a gap"), .stopped, .leave("a gap")), Step(.landed, .stopped), Step(.released, .stopped)]
    ),
    (
      "pausing is told once, whatever the reason, and the place shows again afterwards",
      [
        Step(.place(.spool), .spooling), Step(.held(.behind), .paused, .pause), Step(.held(.spoolFull), .paused),
        Step(.place(.draining), .paused), Step(.released, .draining, .resume), Step(.released, .draining),
      ]
    ),
    (
      "a paused partition can be lost and stopped",
      [
        Step(.held(.behind), .paused, .pause), Step(.lost(watermark: 5), .paused, .readFrom(5)),
        Step(.refused("gone"), .stopped, .leave("gone")),
      ]
    ),
  ]

  @Test("what happens leads to the state and the action", arguments: stories.indices)
  func story(index: Int) {
    let story = Self.stories[index]
    var machine = PartitionMachine()
    for (number, step) in story.steps.enumerated() {
      let action = machine.on(step.event)
      #expect(action == step.action, "\(story.name), step \(number)")
      #expect(machine.mode == step.mode, "\(story.name), step \(number)")
      #expect(machine.isLive == (step.mode != .fenced && step.mode != .stopped))
    }
  }

  @Test("every state is reached by some story")
  func complete() {
    let reached = Set(Self.stories.flatMap { $0.steps.map(\.mode) })
    #expect(reached == Set(PartitionMode.allCases))
  }
}

@Suite("Room for the spool")
struct SpoolLimitsTests {
  @Test(
    "the disk keeps its reserve and the spool its size",
    arguments: [
      (nil, nil, 0, false), (1_000, nil, 0, false), (150, nil, 0, false), (149, nil, 0, true), (nil, 80, 30, false),
      (nil, 80, 31, true),
    ] as [(Int64?, Int64?, Int64, Bool)])
  func room(free: Int64?, size: Int64?, held: Int64, isRefused: Bool) {
    var limits = SpoolLimits()
    limits.reserve = 100
    limits.size = size
    let refusal = limits.refusal(writing: 50, free: free, held: held, at: "/spool")
    #expect((refusal != nil) == isRefused)
    #expect(refusal?.contains("full") ?? true)
  }

  @Test("the room is asked of the nearest folder that exists")
  func parents() throws {
    let folder = try TemporaryFolder()
    #expect(try #require(DiskSpace.free(at: folder.path)) > 0)
    #expect(try #require(DiskSpace.free(at: folder.path + "/not/yet/there")) > 0)
  }
}
