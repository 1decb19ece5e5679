import Storage

/// What a listing of the log folder says; names that mean nothing to us are left out.
struct LogListing: Sendable {
  /// An entry: where it stands in the log, and since when.
  struct Entry: Hashable, Sendable {
    var version: Int64
    /// Milliseconds since 1970-01-01 UTC, by the store's clock.
    var modificationTime: Int64
  }

  /// The entries by rising version; versions may be missing.
  private(set) var entries: [Entry] = []
  /// Checkpoints of which every part is there, by rising version; one in a single file before one in parts.
  private(set) var checkpoints: [CheckpointName] = []
  /// Every file of a checkpoint, whole or not, with the checkpoint's version.
  private(set) var checkpointFiles: [(version: Int64, status: FileStatus)] = []
  /// Whether there are checkpoints of the V2 kind.
  private(set) var hasCheckpointsV2 = false

  init(_ files: [FileStatus]) {
    var parts: [CheckpointName: Set<Int>] = [:]
    for file in files where !file.isDirectory {
      switch LogFileName(file.path.split(separator: "/").last ?? "") {
      case .entry(let version):
        entries.append(Entry(version: version, modificationTime: file.modificationTime))
      case .checkpoint(let version):
        checkpointFiles.append((version, file))
        if file.size > 0 { parts[CheckpointName(version: version, parts: nil)] = [1] }
      case .checkpointPart(let version, let part, let total):
        checkpointFiles.append((version, file))
        if file.size > 0 { parts[CheckpointName(version: version, parts: total), default: []].insert(part) }
      case .checkpointV2(let version):
        checkpointFiles.append((version, file))
        hasCheckpointsV2 = true
      case nil: break
      }
    }
    entries.sort { $0.version < $1.version }
    checkpoints = parts.filter { $0.value.count == $0.key.parts ?? 1 }.map(\.key)
      .sorted { ($0.version, -($0.parts ?? 0)) < ($1.version, -($1.parts ?? 0)) }
  }

  /// Whether there is any trace of a table.
  var isEmpty: Bool { entries.isEmpty && checkpointFiles.isEmpty }

  /// Checkpoints at or below a version, the newest first.
  func checkpoints(upTo version: Int64?) -> [CheckpointName] {
    checkpoints.filter { $0.version <= version ?? .max }.reversed()
  }

  /// The entries that readers still reach without a gap: those at and above the oldest checkpoint, or from version 0.
  ///
  /// Entries below a checkpoint that do not connect to it are remains of a clean-up, or were written into a hole by a
  /// writer that slept through one.
  var reachable: ArraySlice<Entry> {
    let bases = Set(checkpoints.flatMap { [$0.version, $0.version + 1] })
    var first = entries.endIndex
    var expected: Int64?
    for index in entries.indices.reversed() {
      let version = entries[index].version
      guard expected == nil || version == expected else { break }
      expected = version - 1
      if version == 0 || bases.contains(version) { first = index }
    }
    return entries[first...]
  }
}
