/// A schema of Avro 1.12 with all that its type system has, as a writer may have used it.
///
/// Types refer to each other by their place in ``types``, so that a record may contain itself.
public struct AvroSchema: Sendable, Hashable {
  /// What a type is made of; other types are named by their place.
  public enum Shape: Sendable, Hashable {
    case null, boolean, int, long, float, double, bytes, string
    /// So many bytes.
    case fixed(Int)
    /// The symbols in the order of their numbers.
    case enumeration([String])
    /// A list of items of this type.
    case array(Int)
    /// Values of this type by text.
    case map(Int)
    /// One of these types.
    case union([Int])
    case record([Member])
  }

  /// A field of a record.
  public struct Member: Sendable, Hashable {
    /// The name.
    public var name: String
    /// The place of its type.
    public var type: Int
    /// What readers take where a writer had no such field; `nil` where nothing is said.
    public var fallback: AvroJSON?
    /// What it means, in the author's words.
    public var doc: String?
  }

  /// One type.
  public struct TypeNode: Sendable, Hashable {
    /// What it is made of.
    public var shape: Shape
    /// What its values mean beyond their shape, such as `timestamp-millis`.
    public var logicalType: String?
    /// Whether every value of it takes no bytes at all.
    public internal(set) var takesNoBytes = false
    /// Of a record, the types of the fields that take bytes, in order: what there is to pass over.
    var parts: [Int] = []
  }

  /// All types, by their place.
  public internal(set) var types: [TypeNode]
  /// The place of the outermost type.
  public internal(set) var root: Int

  /// The most types that a schema may have.
  static let maximumTypes = 20_000
  /// How deep types, and the values of a recursive type, may nest.
  public static let maximumDepth = 64

  /// The fields of the outermost type, where that is a record.
  public var members: [Member]? {
    if case .record(let members) = types[root].shape { members } else { nil }
  }
}
