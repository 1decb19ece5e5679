public import Storage

/// Where the readings are.
public struct DashboardStores: Sendable {
  /// The table.
  public var table: any FileStore
  /// The spool of a sink on this host, of which readings show before they are brought home.
  public var spool: (any FileStore)?
  /// The table of dead letters, which are counted.
  public var deadLetters: (any FileStore)?

  /// Names the places.
  public init(table: any FileStore, spool: (any FileStore)? = nil, deadLetters: (any FileStore)? = nil) {
    self.table = table
    self.spool = spool
    self.deadLetters = deadLetters
  }
}
