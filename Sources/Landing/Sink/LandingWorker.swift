import Dispatch
import Synchronization

/// Lands one batch at a time beside the consumer's thread, which looks in for the result between two polls.
final class LandingWorker: Sendable {
  /// What became of a batch.
  struct Outcome: Sendable {
    var result: Result<LandingReceipt, LandingError>
    /// From the hand-over to the end.
    var time: Duration
    /// Whether the batch was given up meanwhile, so that its records are read again from the watermark.
    var isAbandoned: Bool
  }

  private enum State {
    case idle
    case busy(Task<Void, Never>?, isAbandoned: Bool)
    case done(Outcome)
  }

  private let lander: Lander
  private let state = Mutex(State.idle)
  private let finished = DispatchSemaphore(value: 0)
  private let wake: @Sendable () -> Void

  /// - Parameter wake: called on another thread when a result is there.
  init(lander: Lander, wake: @escaping @Sendable () -> Void) {
    self.lander = lander
    self.wake = wake
  }

  /// Whether a batch is under way, or its result is not taken yet.
  var isBusy: Bool {
    state.withLock { if case .idle = $0 { false } else { true } }
  }

  /// Begins to land a batch.
  func start(_ batch: LandingBatch) {
    state.withLock { $0 = .busy(nil, isAbandoned: false) }
    let begin = ContinuousClock.now
    let task = Task {
      let result: Result<LandingReceipt, LandingError>
      do throws(LandingError) {
        result = .success(try await lander.land(batch))
      } catch {
        result = .failure(error)
      }
      finish(result, time: .now - begin)
    }
    state.withLock { if case .busy(_, let isAbandoned) = $0 { $0 = .busy(task, isAbandoned: isAbandoned) } }
  }

  private func finish(_ result: Result<LandingReceipt, LandingError>, time: Duration) {
    state.withLock { state in
      var wasAbandoned = false
      if case .busy(_, let isAbandoned) = state { wasAbandoned = isAbandoned }
      state = .done(Outcome(result: result, time: time, isAbandoned: wasAbandoned))
    }
    finished.signal()
    wake()
  }

  /// Gives the batch under way up: it is not retried any more, and whatever becomes of it, the watermark tells.
  func abandon() {
    let task: Task<Void, Never>? = state.withLock { state in
      switch state {
      case .idle: return nil
      case .done(var outcome):
        outcome.isAbandoned = true
        state = .done(outcome)
        return nil
      case .busy(let task, _):
        state = .busy(task, isAbandoned: true)
        return task
      }
    }
    task?.cancel()
  }

  /// The result, once it is there; afterwards the worker is free.
  func takeResult() -> Outcome? {
    state.withLock { state in
      guard case .done(let outcome) = state else { return nil }
      state = .idle
      return outcome
    }
  }

  /// Waits on the caller's thread for a result, for a while.
  func wait(atMost milliseconds: Int) {
    guard isBusy else { return }
    _ = finished.wait(timeout: .now() + .milliseconds(milliseconds))
  }
}

/// Runs an asynchronous call from a thread that may block, such as the consumer's own.
func blocking<Value: Sendable>(
  _ body: @escaping @Sendable () async throws(LandingError) -> Value
) throws(LandingError) -> Value {
  let box = Latest<Result<Value, LandingError>?>(nil)
  let done = DispatchSemaphore(value: 0)
  Task {
    do throws(LandingError) {
      box.value = .success(try await body())
    } catch {
      box.value = .failure(error)
    }
    done.signal()
  }
  done.wait()
  guard let result = box.value else { throw LandingError(.gaveUp, "the call ended without a result") }
  return try result.get()
}
