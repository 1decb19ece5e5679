import Dispatch
import Synchronization

/// Lands one batch at a time beside the consumer's thread, which looks in for the result between two polls.
final class LandingWorker: Sendable {
  private enum State {
    case idle
    case busy
    case done(Result<LandingReceipt, LandingError>)
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
    state.withLock { $0 = .busy }
    Task {
      let result: Result<LandingReceipt, LandingError>
      do throws(LandingError) {
        result = .success(try await lander.land(batch))
      } catch {
        result = .failure(error)
      }
      state.withLock { $0 = .done(result) }
      finished.signal()
      wake()
    }
  }

  /// The result, once it is there; afterwards the worker is free.
  func takeResult() -> Result<LandingReceipt, LandingError>? {
    state.withLock { state in
      guard case .done(let result) = state else { return nil }
      state = .idle
      return result
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
