import Storage

/// A spool on this host.
public struct SpoolPlace: Sendable {
  /// The spool's tables.
  public var stores: TableStores
  /// The folder of its lock.
  public var directory: String
  /// How much room it may take.
  public var limits = SpoolLimits()

  /// Makes a place of stores, for tests; the folder must exist.
  public init(stores: TableStores, directory: String) {
    self.stores = stores
    self.directory = directory
  }

  /// A spool in a local directory; its dead letters lie beside it. What is in it is for the owner's eyes alone.
  public static func local(_ directory: String) -> SpoolPlace {
    let path = directory.count > 1 && directory.hasSuffix("/") ? String(directory.dropLast()) : directory
    return SpoolPlace(
      stores: TableStores(
        rows: LocalFileStore(root: path, isPrivate: true),
        deadLetters: LocalFileStore(root: path + TableStores.deadLetterSuffix, isPrivate: true)),
      directory: path)
  }

  /// Where the spool of a topic lies when none is named, relative to the working directory.
  public static func defaultDirectory(topic: String) -> String { "data/vitals_data/\(topic)" }
}

extension TableStores {
  /// What the name of a dead-letter table adds to its table's.
  public static let deadLetterSuffix = "_dead_letters"
}
