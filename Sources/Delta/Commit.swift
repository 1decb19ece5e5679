import FoundationEssentials
import Storage

/// What a commit is to say, decided anew against each snapshot it may be based on.
public struct CommitRequest: Sendable {
  /// What is done, in the field's words, such as `STREAMING UPDATE`.
  public var operation: String
  /// Program and version.
  public var engine: String
  /// Whether the commit only adds files and read none.
  public var isBlindAppend: Bool
  /// By this the commit is known again when its answer is lost; the same in every attempt at the same work.
  public var token: String
  /// What a person must be able to find out later; none by default.
  public var parameters: [String: String] = [:]
  /// The actions on top of a snapshot, or `nil` when nothing is left to commit.
  public var actions: @Sendable (Snapshot) throws(DeltaError) -> [Action]?

  /// Makes a request.
  public init(
    operation: String, engine: String, isBlindAppend: Bool = true, token: String = CommitRequest.freshToken(),
    actions: @escaping @Sendable (Snapshot) throws(DeltaError) -> [Action]?
  ) {
    self.operation = operation
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
  /// in, the request is asked again, and the version after it is tried: no version is skipped. An entry whose outcome
  /// was lost is known again by its token. The snapshot stands at the committed version afterwards.
  ///
  /// - Returns: the version, or `nil` when the request had nothing left to commit.
  /// - Throws: ``DeltaError``; after one that is retriable the same request may be made again, and a request that
  ///   decides by watermarks lands once.
  public mutating func commit(_ request: CommitRequest) async throws(DeltaError) -> Int64? {
    for _ in 0..<Self.attempts {
      try snapshot.checkWritable()
      guard let actions = try request.actions(snapshot) else { return nil }
      let info = CommitInfo(
        timestamp: Clock.milliseconds(), operation: request.operation, isBlindAppend: request.isBlindAppend,
        engineInfo: request.engine, txnId: request.token,
        operationParameters: request.parameters.isEmpty ? nil : request.parameters)
      if try await put([.commitInfo(info)] + actions, token: request.token) { return snapshot.version }
    }
    throw DeltaError(
      .contention, path: store.root, message: "other writers won \(Self.attempts) versions in a row; try again")
  }

  /// Puts the next version, or takes in the one that another writer put there; true when it is ours.
  private mutating func put(_ actions: [Action], token: String) async throws(DeltaError) -> Bool {
    let version = snapshot.version + 1
    let entry = try LogEntry.encode(actions)
    do {
      if try await store.create(LogEntry.path(version), entry) == .created {
        try await checkNoHole(below: version)
        try snapshot.apply(actions, version: version)
        return true
      }
    } catch {
      guard let storageError = error as? StorageError else { throw error as? DeltaError ?? unexpected(error) }
      if storageError.code != .outcomeUnknown { throw DeltaError(storageError) }
    }
    guard let winner = try await self.entry(version) else {
      throw DeltaError(
        .storage(.outcomeUnknown), path: store.root, message: "whether version \(version) was written is not known")
    }
    try snapshot.apply(winner, version: version)
    return winner.contains { action in
      if case .commitInfo(let info) = action { info.txnId == token } else { false }
    }
  }

  /// A writer that slept through a log clean-up may win a version below a hole, which no reader will see.
  private func checkNoHole(below version: Int64) async throws(DeltaError) {
    guard version > 0 else { return }
    let previous: FileStatus?
    do {
      previous = try await store.status(LogEntry.path(version - 1))
    } catch {
      throw DeltaError(.storage(.outcomeUnknown), path: error.path, message: error.message)
    }
    if previous == nil {
      throw DeltaError(
        .staleWriter, path: store.root,
        message: "version \(version - 1) is gone from the log: this writer is behind a clean-up; reload the table")
    }
  }

  private func unexpected(_ error: any Error) -> DeltaError {
    DeltaError(.storage(.failed), path: store.root, message: "unexpected failure: \(error)")
  }
}
