import Synchronization

/// Lets so many uploads send at a time; the others wait in the order in which they came. What was sent is checked in
/// bursts while others wait to send.
///
/// A DataNode deals connections out to a few threads in turn, and of 2.7 such a thread sleeps for up to half a second
/// while it closes a file. Connections for checks, mixed among those for content, would disturb the even turn, and each
/// wait behind files that are being closed.
final class TransferGate: Sendable {
  private typealias Waiter = CheckedContinuation<Void, Never>

  private struct State {
    var free: Int
    var waiting: [Waiter] = []
    var checking: [Waiter] = []

    /// Those who may go and check now: all, once there are enough, or nobody is left to send meanwhile.
    mutating func burst(_ size: Int) -> [Waiter] {
      guard checking.count >= size || waiting.isEmpty else { return [] }
      defer { checking = [] }
      return checking
    }
  }

  private let state: Mutex<State>
  private let burstSize: Int

  /// - Parameters:
  ///   - width: How many send at a time.
  ///   - burstSize: How many checks go together while others wait to send.
  init(width: Int, burstSize: Int) {
    state = Mutex(State(free: max(width, 1)))
    self.burstSize = burstSize
  }

  /// How many wait to send.
  var waiting: Int { state.withLock { $0.waiting.count } }
  /// How many wait to check.
  var checking: Int { state.withLock { $0.checking.count } }

  /// Waits for a turn to send, which ``leave()`` ends.
  func enter() async {
    await withCheckedContinuation { (continuation: Waiter) in
      let isFree = state.withLock { (state) -> Bool in
        guard state.free == 0 else {
          state.free -= 1
          return true
        }
        state.waiting.append(continuation)
        return false
      }
      if isFree { continuation.resume() }
    }
  }

  func leave() {
    let next = state.withLock { (state) -> [Waiter] in
      if state.waiting.isEmpty {
        state.free += 1
        return []
      }
      let next = state.waiting.removeFirst()
      return [next] + state.burst(burstSize)
    }
    for waiter in next { waiter.resume() }
  }

  /// Waits until it is time to check what was sent.
  func check() async {
    await withCheckedContinuation { (continuation: Waiter) in
      let ready = state.withLock { (state) -> [Waiter] in
        state.checking.append(continuation)
        return state.burst(burstSize)
      }
      for waiter in ready { waiter.resume() }
    }
  }
}
