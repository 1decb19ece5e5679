import Synchronization

/// Content of unknown length on its way from a task to the event loop: a queue of portions with little room, so that a
/// source that is faster than the network waits.
final class UploadPipe: Sendable {
  /// What the event loop finds.
  enum Portion: Equatable {
    /// So many bytes; 0 at the end of the content.
    case bytes(Int)
    /// Nothing yet: the loop is woken when there is something.
    case later
    /// The source failed: the transfer must not look complete.
    case failed
  }

  /// How many bytes wait at most, but for the last portion that found room.
  static let room = 4 << 20

  private struct State {
    var portions: [[UInt8]] = []
    /// Bytes of the first portion that are taken already.
    var taken = 0
    var waiting = 0
    var isFinished = false
    var isAbandoned = false
    var isClosed = false
    var wasRead = false
    var loopSleeps = false
    var wake: (@Sendable () -> Void)?
    var sender: CheckedContinuation<Void, Never>?
  }

  private let state = Mutex(State())

  /// Whether the event loop took anything, so that the content cannot be sent once more.
  var wasRead: Bool { state.withLock { $0.wasRead } }

  // MARK: The source's side

  /// Hands over the next portion and waits until there is room for another one.
  ///
  /// - Returns: Whether the transfer goes on.
  func send(_ portion: [UInt8]) async -> Bool {
    if portion.isEmpty { return state.withLock { !$0.isClosed } }
    wakeLoop { (state) in
      state.portions.append(portion)
      state.waiting += portion.count
    }
    await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
      let goesOn = state.withLock { (state) -> Bool in
        if state.isClosed || state.waiting < Self.room { return true }
        state.sender = continuation
        return false
      }
      if goesOn { continuation.resume() }
    }
    return state.withLock { !$0.isClosed }
  }

  /// Says that the content is complete.
  func finish() { wakeLoop { $0.isFinished = true } }

  /// Says that there will be no end: the transfer breaks off.
  func abandon() { wakeLoop { $0.isAbandoned = true } }

  private func wakeLoop(_ change: (inout State) -> Void) {
    let wake = state.withLock { (state) -> (@Sendable () -> Void)? in
      change(&state)
      defer { state.loopSleeps = false }
      return state.loopSleeps ? state.wake : nil
    }
    wake?()
  }

  // MARK: The event loop's side

  /// How the loop is woken.
  func wakes(_ wake: @escaping @Sendable () -> Void) { state.withLock { $0.wake = wake } }

  /// Takes what is there.
  func take(into buffer: UnsafeMutableRawBufferPointer) -> Portion {
    let (portion, sender) = state.withLock { (state) -> (Portion, CheckedContinuation<Void, Never>?) in
      state.wasRead = true
      if state.isAbandoned { return (.failed, nil) }
      var count = 0
      while count < buffer.count, let first = state.portions.first {
        let length = min(buffer.count - count, first.count - state.taken)
        first.withUnsafeBytes { (bytes) in
          let source = UnsafeRawBufferPointer(rebasing: bytes[state.taken..<state.taken + length])
          UnsafeMutableRawBufferPointer(rebasing: buffer[count...]).copyMemory(from: source)
        }
        count += length
        state.taken += length
        if state.taken == first.count {
          state.portions.removeFirst()
          state.taken = 0
        }
      }
      state.waiting -= count
      if count == 0 && !state.isFinished {
        state.loopSleeps = true
        return (.later, nil)
      }
      guard state.waiting < Self.room else { return (.bytes(count), nil) }
      defer { state.sender = nil }
      return (.bytes(count), state.sender)
    }
    sender?.resume()
    return portion
  }

  /// The transfer is over, one way or another: lets go of a source that waits.
  func close() {
    let sender = state.withLock { (state) -> CheckedContinuation<Void, Never>? in
      state.isClosed = true
      state.portions = []
      state.wake = nil
      defer { state.sender = nil }
      return state.sender
    }
    sender?.resume()
  }
}
