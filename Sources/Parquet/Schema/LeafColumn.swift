public import Columnar

/// A column that holds values: a leaf of the schema tree, with what is needed to decode it.
public struct LeafColumn: Hashable, Sendable {
  /// Names from the root (left out) down to the leaf.
  public var path: [String]
  /// How the bits of a value are stored.
  public var physicalType: PhysicalType
  /// Bytes of a value for FIXED_LEN_BYTE_ARRAY (12 for INT96), else 0.
  public var typeLength: Int
  /// What the values mean.
  public var type: DataType
  /// The level at which a value is there: the number of optional and repeated nodes on the path.
  public var maxDefinitionLevel: Int
  /// The number of repeated nodes on the path.
  public var maxRepetitionLevel: Int
  /// The definition level at which the innermost repeated node on the path has an item, and so the leaf a place for a
  /// value; 0 where nothing is repeated.
  public var slotDefinitionLevel: Int
  /// Position of the leaf in ``ParquetMetadata/schemaElements``.
  public var elementIndex: Int

  /// The path with dots.
  public var name: String { path.joined(separator: ".") }

  /// Whether the column lies directly under the root and holds at most one value a row.
  public var isFlat: Bool { path.count == 1 && maxRepetitionLevel == 0 }
}
