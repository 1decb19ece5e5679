import Delta
import Landing
public import Storage

/// Tells the spools of sinks from tables: what waits in them is the sinks' and the drains' alone.
public enum Spools {
  /// What the name of a table of dead letters adds to that of its rows.
  public static let deadLetterSuffix = TableStores.deadLetterSuffix

  /// Refuses the dead letters of a spool, which bear no mark of their own: the table of rows beside them does.
  ///
  /// - Parameter rows: where the rows are to which dead letters of that name would belong.
  public static func refuseDeadLetters(besideRowsIn rows: any FileStore) async throws {
    guard let snapshot = try await DeltaTable.openIfPresent(store: rows)?.snapshot, snapshot.isSpool else { return }
    throw refusal(rows.root + deadLetterSuffix)
  }

  static func refusal(_ root: String) -> DeltaError {
    DeltaError(
      .forbidden, path: root, message: "this is the spool of a sink, which hdfs-sync drains; leave its files alone")
  }
}
