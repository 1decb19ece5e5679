import Storage

/// Finds and reads what a table's log consists of.
struct LogReader: Sendable {
  let store: any FileStore

  /// How many entries are asked for at once, while none was missing.
  private static let widestWindow = 16

  // MARK: Entries

  /// The actions of one version, or `nil` where it is not written.
  func entry(_ version: Int64) async throws(DeltaError) -> [Action]? {
    let path = LogEntry.path(version)
    guard let bytes = try await read(path, limit: LogEntry.sizeLimit) else { return nil }
    return try LogEntry.decode(bytes, path: "\(store.root)/\(path)")
  }

  /// Takes in all versions that follow a snapshot's, up to `last` if given.
  ///
  /// Entries are asked for in windows that double while none is missing: a reader that is one version behind pays one
  /// read too many, one that is a thousand behind waits for sixty round trips.
  func catchUp(
    _ snapshot: inout Snapshot, upTo last: Int64? = nil, _ onEntry: (Int64, [Action]) -> Void = { _, _ in }
  ) async throws(DeltaError) {
    let last = last ?? LogFileName.versionLimit
    var window = 1
    while snapshot.version < last {
      let first = snapshot.version + 1
      let count = min(Int64(window), last - first + 1)
      for result in await entries(first..<first + count) {
        guard let actions = try result.get() else { return }
        try snapshot.apply(actions, version: snapshot.version + 1)
        onEntry(snapshot.version, actions)
      }
      window = min(window * 2, Self.widestWindow)
    }
  }

  /// An entry that was asked for, or why it could not be read; no actions where there is no entry.
  private struct Outcome: Sendable {
    var version: Int64
    var result: Result<[Action]?, DeltaError>
  }

  /// Entries of these versions, read side by side, in their order.
  private func entries(_ versions: Range<Int64>) async -> [Result<[Action]?, DeltaError>] {
    await withTaskGroup(of: Outcome.self) { group in
      for version in versions { group.addTask { await outcome(version) } }
      var outcomes: [Outcome] = []
      for await outcome in group { outcomes.append(outcome) }
      return outcomes.sorted { $0.version < $1.version }.map(\.result)
    }
  }

  private func outcome(_ version: Int64) async -> Outcome {
    do throws(DeltaError) {
      return Outcome(version: version, result: .success(try await entry(version)))
    } catch {
      return Outcome(version: version, result: .failure(error))
    }
  }

  /// Whether a version still stands in the log: its entry, or its checkpoint in one file.
  ///
  /// Clean-ups take away the oldest versions first, so while one stands, none after it is missing. A reader or writer
  /// whose own version is gone has slept through a clean-up and may look into a hole.
  func stands(_ version: Int64) async throws(DeltaError) -> Bool {
    if version < 0 { return true }
    do {
      if try await store.status(LogEntry.path(version)) != nil { return true }
      return try await store.status(CheckpointName(version: version, parts: nil).paths[0]) != nil
    } catch {
      throw DeltaError(error)
    }
  }

  // MARK: Snapshots

  /// The newest version, or `nil` where there is no table.
  ///
  /// The pointer to the newest checkpoint saves a look at the whole folder, which may hold hundreds of thousands of
  /// entries. Where it is missing or wrong, the folder decides.
  func newest() async throws(DeltaError) -> Snapshot? {
    if let name = try await pointer()?.name, var snapshot = try await checkpoint(name) {
      try await catchUp(&snapshot)
      if snapshot.version > name.version { return snapshot }
      if try await stands(snapshot.version) { return snapshot }
    }
    return try await fromListing(try await listing())
  }

  /// The version asked for, or the newest one, by a listing of the folder; `nil` where there is no table.
  func fromListing(_ listing: LogListing, version: Int64? = nil) async throws(DeltaError) -> Snapshot? {
    if listing.isEmpty { return nil }
    var snapshot = try await newestBase(listing, upTo: version)
    try await catchUp(&snapshot, upTo: version)
    let last = version ?? listing.entries.last?.version ?? -1
    // A listing and the entries it names are not read in one moment: look once more before calling it a hole.
    if snapshot.version < last { try await catchUp(&snapshot, upTo: version) }
    guard snapshot.version >= last else {
      throw DeltaError(
        version == nil || snapshot.version < listing.entries.last?.version ?? -1 ? .malformedLog : .noSuchVersion,
        path: store.root,
        message: "version \(snapshot.version + 1) is missing from the log, though \(last) was asked for or is there")
    }
    return snapshot
  }

  /// The newest checkpoint that can be read at or below a version, or the empty table before version 0.
  private func newestBase(_ listing: LogListing, upTo version: Int64?) async throws(DeltaError) -> Snapshot {
    for name in listing.checkpoints(upTo: version) {
      if let snapshot = try await checkpoint(name) { return snapshot }
    }
    guard let first = listing.entries.first, first.version > 0 || first.version > version ?? .max else {
      if listing.entries.isEmpty { throw unreadableCheckpoints(listing) }
      return Snapshot(root: store.root)
    }
    if listing.checkpointFiles.isEmpty || listing.checkpoints.contains(where: { $0.version > version ?? .max }) {
      throw DeltaError(
        version == nil ? .malformedLog : .noSuchVersion, path: store.root,
        message: "the log begins at version \(first.version): what was before is cleaned up")
    }
    throw unreadableCheckpoints(listing)
  }

  private func unreadableCheckpoints(_ listing: LogListing) -> DeltaError {
    if listing.hasCheckpointsV2 { return .unsupported("checkpoints of the V2 kind (v2Checkpoint)", root: store.root) }
    return DeltaError(
      .malformedLog, path: store.root, message: "none of the checkpoints, on which the log rests, can be read")
  }

  /// All names in the log's folder that mean something.
  func listing() async throws(DeltaError) -> LogListing {
    do {
      return LogListing(try await store.list(LogFileName.folder))
    } catch {
      throw DeltaError(error)
    }
  }

  /// The pointer to the newest checkpoint; `nil` where it is missing or torn.
  func pointer() async throws(DeltaError) -> LastCheckpoint? {
    do {
      return LastCheckpoint(try await store.read(LogFileName.pointer, limit: LastCheckpoint.sizeLimit))
    } catch {
      if error.isRetriable { throw DeltaError(error) }
      return nil
    }
  }

  /// The snapshot that a checkpoint holds; `nil` where it is missing or damaged.
  func checkpoint(_ name: CheckpointName) async throws(DeltaError) -> Snapshot? {
    var snapshot = Snapshot(root: store.root)
    for path in name.paths {
      guard try await CheckpointFile.read(path, from: store, into: &snapshot) else { return nil }
    }
    guard snapshot.metadata != nil else { return nil }
    try snapshot.stand(at: name.version)
    return snapshot
  }

  /// A whole file, or `nil` where there is none.
  private func read(_ path: String, limit: Int) async throws(DeltaError) -> [UInt8]? {
    do {
      return try await store.read(path, limit: limit)
    } catch {
      if error.code == .notFound { return nil }
      throw DeltaError(error)
    }
  }
}
