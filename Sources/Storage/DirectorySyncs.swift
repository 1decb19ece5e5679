/// Syncs directories for many who made files in them: one sync serves all that were named before it began.
actor DirectorySyncs {
  private typealias Sync = Task<Result<Void, StorageError>, Never>

  private var waiting: [String: Sync] = [:]
  private var latest: [String: Sync] = [:]

  /// Returns when the entries that the directory has now are on disk.
  func sync(_ directory: String) async throws(StorageError) {
    if let shared = waiting[directory] { return try await shared.value.get() }
    let before = latest[directory]
    let sync = Sync {
      _ = await before?.value
      return await self.run(directory)
    }
    waiting[directory] = sync
    latest[directory] = sync
    let result = await sync.value
    if latest[directory] == sync { latest[directory] = nil }
    try result.get()
  }

  private func run(_ directory: String) async -> Result<Void, StorageError> {
    // From here on an entry may be too late for this sync.
    waiting[directory] = nil
    do throws(StorageError) {
      return .success(try await offPool { () throws(StorageError) in try LocalDirectory.sync(directory) })
    } catch {
      return .failure(error)
    }
  }
}
