import Dispatch
import Foundation

extension Process {
  /// Starts the program and returns what is signalled at its end.
  ///
  /// On Linux `waitUntilExit` turns the run loop of the thread it is called on, and on one of the few threads that run
  /// tasks it can turn for ever.
  func start() throws -> DispatchSemaphore {
    let end = DispatchSemaphore(value: 0)
    terminationHandler = { _ in end.signal() }
    try run()
    return end
  }
}

/// Runs a program to its end and gives its exit status; none of the few threads that run tasks waits for it.
@discardableResult
func runProcess(_ path: String, _ arguments: [String]) async throws -> Int32 {
  try await endedProcess(path, arguments).terminationStatus
}

/// Runs a program to its end, as ``runProcess(_:_:)`` does, and gives what there was.
func endedProcess(_ path: String, _ arguments: [String]) async throws -> Process {
  let process = Process()
  process.executableURL = URL(filePath: path)
  process.arguments = arguments
  process.standardOutput = FileHandle.nullDevice
  process.standardError = FileHandle.nullDevice
  return try await withCheckedThrowingContinuation { (continuation) in
    process.terminationHandler = { continuation.resume(returning: $0) }
    do { try process.run() } catch { continuation.resume(throwing: error) }
  }
}
