/// Why a schema cannot be used: where in it, what is wrong, and what to do.
public struct SchemaError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The place in the schema: `fields[2] heart_rate.type`, or empty for the whole.
  public var path: String
  /// One line: what is wrong and what to write instead.
  public var message: String

  /// Makes an error.
  public init(path: String, message: String) {
    self.path = path
    self.message = message
  }

  /// The place and the message on one line.
  public var description: String { path.isEmpty ? "schema: \(message)" : "schema: \(path): \(message)" }
}
