/// An error of a floor above the file store that may have come from the store: what a command needs to choose its exit
/// status, and a loop to choose whether to try again.
public protocol StoreFailure: Error, CustomStringConvertible {
  /// What the file store said, where it was the store that failed.
  var storageCode: StorageError.Code? { get }
  /// Whether the same call may succeed later without anybody changing anything.
  var isRetriable: Bool { get }
}
