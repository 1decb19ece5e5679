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
