import Storage

/// When versions came to be, as far as the log still tells.
struct CommitTimes: Hashable, Sendable {
  /// Versions by rising number, with milliseconds since 1970-01-01 UTC.
  private(set) var entries: [LogListing.Entry]

  /// Takes the entries of a listing. Files may carry times that fall, after a clock was set back or a table copied;
  /// each version then counts as one millisecond later than the one before it, as other engines do it.
  init(_ listed: some Sequence<LogListing.Entry>) {
    entries = []
    for entry in listed {
      var entry = entry
      if let last = entries.last { entry.modificationTime = max(entry.modificationTime, last.modificationTime + 1) }
      entries.append(entry)
    }
  }

  /// The version that was the newest at a time; `nil` where the log does not reach back so far.
  func version(at time: Int64) -> Int64? {
    entries.last { $0.modificationTime <= time }?.version
  }
}

extension LogReader {
  /// The snapshot that was the newest at a time.
  func snapshot(atTime time: Int64) async throws(DeltaError) -> Snapshot? {
    let listing = try await listing()
    guard let newest = try await fromListing(listing) else { return nil }
    let version: Int64?
    if newest.settings["delta.enableInCommitTimestamps"] == "true" {
      version = try await versionByCommitTimes(time, listing, newest)
    } else {
      version = CommitTimes(listing.reachable).version(at: time)
    }
    guard let version else {
      throw DeltaError(
        .noSuchVersion, path: store.root, message: "the log does not reach back to the time asked for")
    }
    return version == newest.version ? newest : try await fromListing(listing, version: version)
  }

  /// The version that was the newest at a time of a table with in-commit timestamps (Delta protocol, "In-Commit
  /// Timestamps"): by the commits' own times since these were switched on, and by those of the files before.
  private func versionByCommitTimes(
    _ time: Int64, _ listing: LogListing, _ newest: Snapshot
  ) async throws(DeltaError) -> Int64? {
    let enabled = newest.settings["delta.inCommitTimestampEnablementVersion"].flatMap { Int64($0) } ?? 0
    let reachable = listing.reachable.filter { $0.version <= newest.version }
    let own = reachable.filter { $0.version >= enabled }
    var low = 0
    var high = own.count
    // Own times rise with every version, so a search in halves reads few entries.
    while low < high {
      let middle = (low + high) / 2
      if try await inCommitTimestamp(own[middle].version) <= time { low = middle + 1 } else { high = middle }
    }
    if low > 0 { return own[low - 1].version }
    return CommitTimes(reachable.filter { $0.version < enabled }).version(at: time)
  }

  private func inCommitTimestamp(_ version: Int64) async throws(DeltaError) -> Int64 {
    for case .commitInfo(let info) in try await entry(version) ?? [] {
      if let time = info.inCommitTimestamp { return time }
    }
    throw DeltaError(
      .malformedLog, path: "\(store.root)/\(LogEntry.path(version))", message: "the entry lacks its inCommitTimestamp")
  }
}
