/// What is wrong with recorded data or with how it is mapped; one line, without any value of a patient.
public struct ReplayError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What is wrong.
  public var message: String
  /// The line of the file, from 1, or the row; nil for what concerns the whole.
  public var line: Int?

  /// Makes an error.
  public init(_ message: String, line: Int? = nil) {
    self.message = message
    self.line = line
  }

  /// The error in one line.
  public var description: String { line.map { "line \($0): \(message)" } ?? message }
}
