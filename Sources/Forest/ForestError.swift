/// What went wrong with data, settings or a model, and where.
public struct ForestError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The kinds of failure.
  public enum Code: Sendable, Hashable {
    /// Settings or arguments that make no sense.
    case invalidParameter
    /// A table that is not what its schema says, or that nothing can be learned from.
    case badData
    /// A model that is damaged, or no model at all.
    case badModel
    /// A model that is sound, and beyond what is done here.
    case notSupported
  }

  /// The kind.
  public let code: Code
  /// One line: what, where, and what to do. It quotes no cell of a table.
  public let description: String

  /// Makes an error.
  public init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }
}
