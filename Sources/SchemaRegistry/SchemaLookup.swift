/// Where the schemas of writers are looked up by their numbers.
public protocol SchemaLookup: Sendable {
  /// Asks for a schema; blocks for as long as one request may take.
  func schema(id: UInt32) -> SchemaAnswer
}

/// What a registry says of a number.
public enum SchemaAnswer: Hashable, Sendable {
  /// The schema in Avro's JSON form, and the schemas whose types it refers to, each behind those that it refers to
  /// itself.
  case schema([UInt8], references: [[UInt8]])
  /// The registry has no schema of this number.
  case unknown
  /// There is one, but none that can be read here: the reason, on one line.
  case unfit(String)
  /// The registry did not answer, or not as one: the reason, on one line. The next attempt may succeed.
  case unavailable(String)
}
