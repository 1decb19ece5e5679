import FoundationEssentials
import Storage

/// Brings one file to HDFS so that its final name shows all of it or nothing.
///
/// The content goes to a temporary name that nobody else uses, is checked there (closed, length, checksum), and is then
/// renamed. Whatever fails before the rename leaves the final name untouched.
struct SafeUpload {
  let client: WebHDFSClient
  let content: any UploadSource
  /// What a temporary file's absolute path begins with; a unique part follows.
  let temporaryPrefix: String
  /// The absolute path of the final name.
  let target: String
  let filePermission: Int
  /// Whether a file that holds the final name is replaced.
  let overwrite: Bool

  /// The biggest block asked for; smaller files get a block that just holds them, which also fits a tight quota.
  static let largestBlock: Int64 = 128 << 20
  static let smallestBlock: Int64 = 1 << 20

  static func blockSize(for length: Int64) -> Int64 {
    min(max((length + 511) / 512 * 512, smallestBlock), largestBlock)
  }

  /// A temporary file that holds the whole content, checked.
  struct Staged {
    var path: String
    var fileID: Int64
    /// The checksum of what was sent, open for more; `nil` where it was not kept.
    var builder: HDFSChecksumBuilder?
  }

  /// Stages, publishes, and removes what is left.
  ///
  /// - Parameter prepareParent: Makes the target's directory; its argument says whether what is known of it is doubted.
  func run(
    prepareParent: (_ isDoubtful: Bool) async throws(StorageError) -> Void
  ) async throws(StorageError) -> CreateOutcome {
    try await settle(try await stage(), prepareParent)
  }

  /// Publishes what is staged, and removes what is left.
  func settle(
    _ staged: Staged, _ prepareParent: (_ isDoubtful: Bool) async throws(StorageError) -> Void
  ) async throws(StorageError) -> CreateOutcome {
    FaultPoint.reach("hdfs.staged", file: target)
    do throws(StorageError) {
      let outcome = try await publish(staged, prepareParent)
      if outcome == .alreadyExists { await discard(staged.path) }
      return outcome
    } catch {
      // The temporary file of an unknown outcome is a witness.
      if error.code != .outcomeUnknown { await discard(staged.path) }
      throw error
    }
  }

  // MARK: - Staging

  /// A temporary name that nobody else uses.
  func temporaryPath() -> String { "\(temporaryPrefix)\(UUID().uuidString.lowercased()).tmp" }

  /// Sends and checks; repeated under a new name while that makes sense.
  func stage() async throws(StorageError) -> Staged {
    let start = ContinuousClock.now
    var attempt = 0
    while true {
      attempt += 1
      let path = temporaryPath()
      do throws(WebHDFSError) {
        return try await stageOnce(path)
      } catch {
        await discard(path, after: error)
        let mayHelp = error.kind.isTransient && error.kind != .safeMode && error.kind != .notConnected
        guard mayHelp, attempt < 3, .now - start < client.configuration.retry.patience else {
          // Nothing happened to the final name, so that the outcome is known.
          throw StorageError(await explained(error), isChange: false)
        }
      }
    }
  }

  private func stageOnce(_ path: String) async throws(WebHDFSError) -> Staged {
    let source = ChecksummingSource(content, blockSize: Self.blockSize(for: content.byteCount))
    try await client.create(path, source, options(blockSize: source.blockSize))
    if FaultPoint.reach("hdfs.created", file: target) { throw lostAnswer("CREATE") }
    let status = try await settled(path, length: content.byteCount)
    await client.gate?.check()
    try await UploadComparison(client: client, path: path, content: content)
      .run(status, asked: source.blockSize) { await source.checksum() }
    return Staged(path: path, fileID: status.fileID, builder: source.builder)
  }

  func options(blockSize: Int64) -> WebHDFSClient.CreateOptions {
    var options = WebHDFSClient.CreateOptions()
    options.permission = filePermission
    options.blockSize = blockSize
    return options
  }

  /// What is known of a file that was just sent, once it is closed and has the length it must have.
  func settled(_ path: String, length: Int64) async throws(WebHDFSError) -> HDFSFileStatus {
    try await waitUntilComplete(path, length)
    let status = try await client.status(path)
    guard status.length == length else { throw incomplete(path, status.length, length) }
    return status
  }

  private func waitUntilComplete(_ path: String, _ length: Int64) async throws(WebHDFSError) {
    let start = ContinuousClock.now
    var looks = 0
    while true {
      let state = try await client.writeState(path)
      switch WriteVerdict.judge(state, expected: length, looks: looks, waited: .now - start) {
      case .complete: return
      case .incomplete: throw incomplete(path, state.length, length)
      case .wait(let time):
        looks += 1
        do {
          try await Task.sleep(for: time)
        } catch {
          throw WebHDFSError(.cancelled, operation: "CREATE", path: path, message: "cancelled")
        }
      }
    }
  }

  /// What a planned fault makes of an answer that did come.
  private func lostAnswer(_ operation: String) -> WebHDFSError {
    WebHDFSError(.connectionLost, operation: operation, path: target, message: "the answer was lost by a planned fault")
  }

  private func incomplete(_ path: String, _ length: Int64, _ expected: Int64) -> WebHDFSError {
    WebHDFSError(
      .incomplete, operation: "CREATE", path: path,
      message: "HDFS said created, but holds \(length) of \(expected) bytes; is a quota or a disk full?")
  }

  // MARK: - Publishing

  /// Renames a staged file to its final name and makes sure whose file stands there.
  func publish(
    _ staged: Staged, _ prepareParent: (_ isDoubtful: Bool) async throws(StorageError) -> Void
  ) async throws(StorageError) -> CreateOutcome {
    var attempt = 0
    while true {
      attempt += 1
      try await prepareParent(attempt > 1)
      let failure: WebHDFSError
      do throws(WebHDFSError) {
        try await client.rename(staged.path, to: target, overwrite: overwrite)
        if FaultPoint.reach("hdfs.renamed", file: target) { throw lostAnswer("RENAME") }
        return .created
      } catch {
        failure = error
      }
      switch await verdict(failure, staged) {
      case .ours: return .created
      case .taken where !overwrite: return .alreadyExists
      case .again where attempt < 4: continue
      case .failed, .taken, .again: throw StorageError(failure, isChange: false)
      case .unknown: throw StorageError(.outcomeUnknown, path: target, message: failure.reason)
      }
    }
  }

  private func verdict(_ failure: WebHDFSError, _ staged: Staged) async -> RenameVerdict {
    do throws(WebHDFSError) {
      let standing = try await client.statusIfPresent(target)
      let source = try await client.statusIfPresent(staged.path)
      return RenameVerdict.judge(
        failure.kind, ourID: staged.fileID, targetID: standing?.fileID, sourceIsThere: source != nil)
    } catch {
      guard RenameVerdict.mustRemoveSource(failure.kind) else { return .failed }
      return RenameVerdict.judge(failure.kind, hasRemovedSource: (try? await client.delete(staged.path)) == true)
    }
  }

  // MARK: - After a failure

  /// Removes a temporary file, best effort, also when the calling task is cancelled.
  func discard(_ path: String, after failure: WebHDFSError? = nil) async {
    let client = client
    let removal = Task {
      // A DataNode may still be about to make the file of a connection that has just broken off.
      for pause in [0, 50, 200, 500] {
        try? await Task.sleep(for: .milliseconds(pause))
        if (try? await client.delete(path)) != false { return }
      }
    }
    // A NameNode that does not answer is not waited for once more.
    if failure?.kind != .notConnected && failure?.kind != .timedOut { await removal.value }
  }

  /// Says "quota" where a quota is the likely cause of a file that stays incomplete, or of a DataNode that hung up: one
  /// that may not go on storing does either, whichever comes first.
  func explained(_ failure: WebHDFSError, length: Int64? = nil) async -> WebHDFSError {
    guard failure.kind == .incomplete || failure.kind == .connectionLost,
      var path = try? HDFSPath(target, for: .getContentSummary).parent
    else { return failure }
    let needed = Self.blockSize(for: length ?? content.byteCount)
    while true {
      if let summary = try? await client.contentSummary(path), summary.spaceQuota >= 0,
        summary.spaceConsumed + needed > summary.spaceQuota
      {
        var result = failure
        result.kind = .spaceQuotaExceeded
        result.message =
          "the space quota of \(path) is used up: \(summary.spaceConsumed) of \(summary.spaceQuota) bytes"
        return result
      }
      guard path != "/", let parent = try? HDFSPath(path, for: .getContentSummary).parent else { return failure }
      path = parent
    }
  }
}
