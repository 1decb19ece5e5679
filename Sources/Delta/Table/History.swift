/// One version of a table, as far as its log still tells.
public struct HistoryEntry: Hashable, Sendable {
  /// The version.
  public var version: Int64
  /// When it came to be, in milliseconds since 1970-01-01 UTC: by the commit's own time where it has one, else by the
  /// store's clock.
  public var timestamp: Int64
  /// Who committed and why; `nil` for writers that do not say.
  public var info: CommitInfo?
}

extension DeltaTable {
  /// The newest versions, the newest first: one listing, and one read for each version.
  ///
  /// - Parameter limit: how many versions at most.
  public func history(limit: Int = 100) async throws(DeltaError) -> [HistoryEntry] {
    let times = CommitTimes(try await reader.listing().reachable)
    var history: [HistoryEntry] = []
    for entry in times.entries.suffix(max(0, limit)).reversed() {
      // A clean-up may take the oldest away under us.
      guard let actions = try await reader.entry(entry.version) else { break }
      var item = HistoryEntry(version: entry.version, timestamp: entry.modificationTime, info: nil)
      for case .commitInfo(let info) in actions { item.info = info }
      item.timestamp = item.info?.inCommitTimestamp ?? item.timestamp
      history.append(item)
    }
    return history
  }

  /// The versions whose entries bring in files that have left the table since, as far as the log still has them: their
  /// statistics hold bounds of values that may be nowhere else any more.
  public func versionsOfRemovedFiles() async throws(DeltaError) -> [Int64] {
    var versions: [Int64] = []
    for item in try await reader.listing().entries {
      guard let actions = try await reader.entry(item.version) else { continue }
      if actions.contains(where: { if case .add(let file) = $0 { !snapshot.holds(file.path) } else { false } }) {
        versions.append(item.version)
      }
    }
    return versions
  }
}
