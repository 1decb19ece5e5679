import Synchronization
import Testing

@testable import WebHDFS

/// Who may send and who may check, without a server.
@Suite(.timeLimit(.minutes(1)))
struct TransferGateTests {
  /// Runs a task up to where it waits at the gate, or past it.
  private func passing(_ passed: borrowing Atomic<Int>, _ count: Int) async {
    while passed.load(ordering: .acquiring) < count { await Task.yield() }
  }

  private final class Count: Sendable {
    let passed = Atomic(0)
  }

  @Test func soManySendAtATime() async {
    let gate = TransferGate(width: 2, burstSize: 1)
    let (now, most) = (Count(), Count())
    await withTaskGroup(of: Void.self) { (group) in
      for _ in 0..<200 {
        group.addTask {
          await gate.enter()
          let count = now.passed.add(1, ordering: .acquiringAndReleasing).newValue
          most.passed.max(count, ordering: .acquiringAndReleasing)
          await Task.yield()
          now.passed.subtract(1, ordering: .acquiringAndReleasing)
          gate.leave()
          await gate.check()
        }
      }
    }
    #expect(most.passed.load(ordering: .acquiring) <= 2)
  }

  /// With nobody left to send a check waits for nothing: the last files of a run, and single ones.
  @Test func aCheckDoesNotWaitWhenNobodyWantsToSend() async {
    let gate = TransferGate(width: 1, burstSize: 32)
    await gate.check()
    await gate.enter()
    await gate.check()
    gate.leave()
    await gate.check()
  }

  @Test func checksGoTogetherWhileOthersWaitToSend() async {
    let gate = TransferGate(width: 1, burstSize: 3)
    let (sending, checked) = (Count(), Count())
    await gate.enter()
    await withTaskGroup(of: Void.self) { (group) in
      group.addTask {
        await gate.enter()
        sending.passed.add(1, ordering: .releasing)
      }
      while gate.waiting == 0 { await Task.yield() }
      for _ in 0..<2 {
        group.addTask {
          await gate.check()
          checked.passed.add(1, ordering: .releasing)
        }
      }
      while gate.checking < 2 { await Task.yield() }
      #expect(checked.passed.load(ordering: .acquiring) == 0)
      // The third one completes the burst.
      await gate.check()
      await passing(checked.passed, 2)
      // Two do not, but the last sender has its turn.
      for _ in 0..<2 {
        group.addTask {
          await gate.check()
          checked.passed.add(1, ordering: .releasing)
        }
      }
      while gate.checking < 2 { await Task.yield() }
      gate.leave()
      await passing(checked.passed, 4)
      await passing(sending.passed, 1)
      gate.leave()
    }
    #expect(gate.waiting == 0 && gate.checking == 0)
  }
}
