/// Why a model, or the server, cannot serve: one line, what and where and what to do.
public struct ServingError: Error, Sendable, CustomStringConvertible {
  /// The line.
  public let description: String

  /// Makes an error.
  public init(_ description: String) { self.description = description }
}
