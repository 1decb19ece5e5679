import Logging
import Synchronization

/// Bootstraps swift-log once a process.
enum LogBootstrap {
  private static let isDone = Atomic<Bool>(false)

  /// Installs the handler unless one is installed; says whether it did.
  static func once(level: Logger.Level, format: LogFormat) -> Bool {
    guard !isDone.exchange(true, ordering: .relaxed) else { return false }
    LoggingSystem.bootstrap { label in StandardErrorLogHandler(label: label, level: level, format: format) }
    return true
  }
}
