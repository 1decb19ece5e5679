/// How a command ends, in the terms of `sysexits.h` where it has one.
public enum ExitStatus: Int32, Sendable, Hashable {
  /// Done, or stopped by a signal or a reader that had enough.
  case success = 0
  /// The run failed.
  case failure = 1
  /// The command line or a setting is wrong (EX_USAGE).
  case usage = 64
  /// A file or record is not what it should be (EX_DATAERR).
  case dataError = 65
  /// A service does not answer (EX_UNAVAILABLE).
  case unavailable = 69
  /// Some of the work is done, and the same command again may do the rest (EX_TEMPFAIL).
  case partlyDone = 75
}

/// A failure as a person is told of it: one line, and how the process ends.
public struct CommandError: Error, Hashable, Sendable, CustomStringConvertible {
  /// One line: what failed, on what, and what to do.
  public var message: String
  /// The exit status.
  public var exit: ExitStatus

  /// Makes an error.
  public init(_ message: String, exit: ExitStatus = .failure) {
    self.message = message
    self.exit = exit
  }

  /// The line.
  public var description: String { message }
}
