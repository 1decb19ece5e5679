import UnixSignals

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Runs work until it ends or the process is told to stop: SIGTERM or SIGINT cancels the work's task, whose clean end
/// is then awaited. A second signal ends the process at once.
///
/// - Throws: what the work throws; `CancellationError` from work that stops by it, which
///   ``runCommand(_:translate:isolation:_:)`` takes for success.
public func withShutdownSignals<Result: Sendable>(
  _ work: @escaping @Sendable () async throws -> Result
) async throws -> Result {
  let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
  let task = Task(operation: work)
  let listener = Task {
    var hasAsked = false
    for await signal in signals {
      if hasAsked { ShutdownSignals.exitNow(signal) }
      hasAsked = true
      task.cancel()
    }
  }
  defer { listener.cancel() }
  return try await withTaskCancellationHandler {
    try await task.value
  } onCancel: {
    task.cancel()
  }
}

enum ShutdownSignals {
  /// Ends the process as the signal would have without a handler: 128 and the signal's number.
  static func exitNow(_ signal: UnixSignal) -> Never {
    exit(signal == .sigint ? 130 : 143)
  }
}

/// Ends the process at once, without tearing down what it holds.
///
/// For a long-running command whose work is done and written: the threads of network libraries may wait long for
/// servers that are away, and there is nothing left that could be lost.
public func leaveAtOnce(_ status: ExitStatus) -> Never {
  _exit(status.rawValue)
}
