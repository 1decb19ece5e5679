import Dispatch

/// Runs work that may wait for a disk on a thread of its own kind, so that the few threads that run tasks stay free.
func offPool<T: Sendable>(
  _ work: @escaping @Sendable () throws(StorageError) -> T
) async throws(StorageError) -> T {
  let result = await withCheckedContinuation { (continuation: CheckedContinuation<Result<T, StorageError>, Never>) in
    DispatchQueue.global().async {
      do throws(StorageError) {
        continuation.resume(returning: .success(try work()))
      } catch {
        continuation.resume(returning: .failure(error))
      }
    }
  }
  return try result.get()
}
