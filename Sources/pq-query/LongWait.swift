import CommandSupport
import Synchronization

/// Shows at a terminal that a statement is at work, when it takes longer than a moment.
final class LongWait: Sendable {
  private struct State {
    var bar: ProgressBar
    var start: ContinuousClock.Instant
  }

  private let state: Mutex<State?> = Mutex(nil)
  /// How long a person waits without asking what is going on.
  private static let patience = Duration.seconds(1)

  /// A statement begins.
  func begin() {
    state.withLock { $0 = State(bar: ProgressBar(total: nil), start: .now) }
  }

  /// So many bytes have been read.
  func set(_ bytes: Int64) {
    state.withLock { state in
      guard let state, ContinuousClock.now - state.start > Self.patience else { return }
      state.bar.set(bytes)
    }
  }

  /// The statement has rows, or is at its end: the line goes away.
  func end() {
    state.withLock { state in
      state?.bar.finish()
      state = nil
    }
  }
}
