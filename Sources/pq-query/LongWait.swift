import CommandSupport
import Synchronization

/// Shows at a terminal that a statement is at work, when it takes longer than a moment.
final class LongWait: Sendable {
  private struct State {
    var bar: ProgressBar
    var start: ContinuousClock.Instant
    var bytes: Int64 = 0
    /// Draws while nothing is read: rows are sorted, or what was laid aside is joined.
    var ticking: Task<Void, Never>
  }

  private let state: Mutex<State?> = Mutex(nil)
  /// How long a person waits without asking what is going on.
  private static let patience = Duration.seconds(1)

  /// A statement begins.
  func begin() {
    let ticking = Task {
      while (try? await Task.sleep(for: .milliseconds(250))) != nil { draw(nil) }
    }
    state.withLock { $0 = State(bar: ProgressBar(total: nil), start: .now, ticking: ticking) }
  }

  /// So many bytes have been read.
  func set(_ bytes: Int64) { draw(bytes) }

  private func draw(_ bytes: Int64?) {
    state.withLock { state in
      if let bytes { state?.bytes = bytes }
      guard let state, ContinuousClock.now - state.start > Self.patience else { return }
      state.bar.set(state.bytes)
    }
  }

  /// The statement has rows, or is at its end: the line goes away.
  func end() {
    state.withLock { state in
      state?.ticking.cancel()
      state?.bar.finish()
      state = nil
    }
  }
}
