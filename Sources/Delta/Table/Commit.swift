import FoundationEssentials
import Storage

/// What a commit is to say, decided anew against each snapshot it may be based on.
public struct CommitRequest: Sendable {
  /// What is done, in the field's words, such as `STREAMING UPDATE`.
  public var operation: String
  /// Details of the operation, kept in the commit.
  public var parameters: [String: String]?
  /// Program and version.
  public var engine: String
  /// Whether the commit only adds files and read none.
  public var isBlindAppend: Bool
  /// By this the commit is known again when its answer is lost; the same in every attempt at the same work.
  public var token: String
  /// The actions on top of a snapshot, or `nil` when nothing is left to commit.
  public var actions: @Sendable (Snapshot) throws(DeltaError) -> [Action]?

  /// Makes a request.
  public init(
    operation: String, parameters: [String: String]? = nil, engine: String, isBlindAppend: Bool = true,
    token: String = CommitRequest.freshToken(), actions: @escaping @Sendable (Snapshot) throws(DeltaError) -> [Action]?
  ) {
    self.operation = operation
    self.parameters = parameters
    self.engine = engine
    self.isBlindAppend = isBlindAppend
    self.token = token
    self.actions = actions
  }

  /// A token that no other commit has.
  public static func freshToken() -> String { UUID().uuidString.lowercased() }
}

extension DeltaTable {
  /// How many other writers may win before a commit gives up.
  static let attempts = 1_000

  /// Commits on top of the newest version (Delta protocol, "Writer Version Requirements").
  ///
  /// The entry of the next version is put where none may be. If another writer was first, its entry is read and taken
  /// in, the request is asked again, and the version after it is tried: no version is skipped. The request sees every
  /// change that came between, so it decides about its own conflicts; that a file it removes is still there, is
  /// checked. An entry whose outcome was lost is known again by its token, also when the same request is made again
  /// later. The snapshot stands at the committed version or above it afterwards.
  ///
  /// - Returns: the version, or `nil` when the request had nothing left to commit.
  /// - Throws: ``DeltaError``; after one that is retriable the same request may be made again, and lands once.
  @discardableResult
  public mutating func commit(_ request: CommitRequest) async throws(DeltaError) -> Int64? {
    doubts.watch(request.token)
    let version: Int64?
    do throws(DeltaError) {
      version = try await attempt(request)
    } catch {
      doubts.endAttempt(request.token, isDoubtful: error.code == .storage(.outcomeUnknown))
      throw error
    }
    doubts.forget(request.token)
    if let version, maintainsLog { await maintainLog(after: version) }
    return version
  }

  private mutating func attempt(_ request: CommitRequest) async throws(DeltaError) -> Int64? {
    for _ in 0..<Self.attempts {
      if let version = doubts.version(of: request.token) { return version }
      try snapshot.checkWritable()
      guard let actions = try request.actions(snapshot) else { return nil }
      try snapshot.check(actions)
      let info = CommitInfo(
        timestamp: WallClock.milliseconds(), operation: request.operation, operationParameters: request.parameters,
        isBlindAppend: request.isBlindAppend, engineInfo: request.engine, txnId: request.token)
      if try await put([.commitInfo(info)] + actions) { return snapshot.version }
    }
    throw DeltaError(
      .contention, path: store.root, message: "other writers won \(Self.attempts) versions in a row; try again")
  }

  /// Puts the next version, or takes in the ones that other writers put there; true when it is ours.
  private mutating func put(_ actions: [Action]) async throws(DeltaError) -> Bool {
    let version = snapshot.version + 1
    let outcome: CreateOutcome?
    do throws(StorageError) {
      outcome = try await store.create(LogEntry.path(version), LogEntry.encode(actions))
    } catch {
      guard error.code == .outcomeUnknown else { throw DeltaError(error) }
      outcome = nil
    }
    do throws(DeltaError) {
      if outcome == .created { return try await confirm(actions, version: version) }
      try await refresh()
    } catch {
      if outcome == .alreadyExists || !error.isRetriable { throw error }
      throw unknownOutcome(version, because: error.message)
    }
    if snapshot.version >= version { return false }
    if outcome == nil { throw unknownOutcome(version, because: "the store lost its answer") }
    throw DeltaError(
      .storage(.unavailable), path: store.root, message: "version \(version) is taken, but cannot be read yet")
  }

  /// Takes in our own entry, unless it stands in a hole: a writer that slept through a clean-up may win a version that
  /// was there long ago. Such an entry lies below the checkpoint, where nobody reads it.
  private mutating func confirm(_ actions: [Action], version: Int64) async throws(DeltaError) -> Bool {
    guard try await reader.stands(version - 1) else {
      try await reload()
      return false
    }
    try take(actions, version: version)
    return true
  }

  private func unknownOutcome(_ version: Int64, because reason: String) -> DeltaError {
    DeltaError(
      .storage(.outcomeUnknown), path: store.root,
      message: "whether version \(version) was written is not known (\(reason)); try the same commit again")
  }
}

// MARK: - What a commit may say

extension Snapshot {
  /// Refuses actions that would break the table, or that another writer has overtaken.
  func check(_ actions: [Action]) throws(DeltaError) {
    for action in actions {
      switch action {
      case .add(let file):
        guard PathText.decode(file.path) != nil else {
          throw DeltaError(.forbidden, path: root, message: "a file whose path leads out of the table")
        }
        guard Set(file.partitionValues.keys) == Set(partitionColumns) || hasMetadata(actions) else {
          throw DeltaError(
            .forbidden, path: root, message: "a file needs a value for each partition column, and for no other")
        }
      case .remove(let file):
        guard holds(file.path) else {
          throw DeltaError(
            .conflict, path: root, message: "another writer removed a file that this commit removes; do it again")
        }
        if isAppendOnly && file.dataChange {
          throw DeltaError(.forbidden, path: root, message: "the table is append-only: rows may not be removed")
        }
      case .metadata(let metadata):
        let schema = try SchemaText.decode(metadata.schemaString, path: root).schema
        try Self.checkPartitionColumns(metadata, schema, root: root)
      case .tableProtocol(let value):
        try value.checkReadable(root: root)
        try value.checkWritable(root: root)
      case .transaction, .commitInfo: break
      }
    }
  }

  private func hasMetadata(_ actions: [Action]) -> Bool {
    actions.contains { if case .metadata = $0 { true } else { false } }
  }
}
