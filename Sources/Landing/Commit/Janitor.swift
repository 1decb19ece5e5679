import Logging
import Storage

/// Removes temporary files that ended or interrupted writers left in a table's stores.
///
/// Readers ignore them, so nothing depends on it: a failure is a line in the log.
enum Janitor {
  /// Tidies a table and its dead letters, while this process uploads nothing to them.
  static func tidy(_ stores: TableStores, log: Logger) async {
    for store in [stores.rows, stores.deadLetters] {
      do throws(StorageError) {
        let removed = try await store.removeAbandonedTemporaries()
        guard removed > 0 else { continue }
        log.info(
          "removed temporary files of interrupted uploads", metadata: ["files": "\(removed)", "in": "\(store.root)"])
      } catch {
        log.debug("temporary files could not be removed", metadata: ["error": "\(error)"])
      }
    }
  }
}
