/// The tokens of commits that are under way or whose outcome was lost, and at which version each turned up.
struct InDoubtCommits: Sendable {
  private struct Watch {
    var token: String
    /// Whether an attempt ended without anybody knowing how.
    var isDoubtful = false
    var version: Int64?
  }

  private var watches: [Watch] = []

  /// How many lost commits are remembered; whoever loses one tries it again soon, or never.
  private static let limit = 100

  /// Whether there is nothing to look for.
  var isEmpty: Bool { !watches.contains { $0.version == nil } }

  /// Begins to look for a token, if nobody does yet.
  mutating func watch(_ token: String) {
    if watches.contains(where: { $0.token == token }) { return }
    watches.append(Watch(token: token))
    if watches.count > Self.limit { watches.removeFirst() }
  }

  /// Ends an attempt that is known to have changed nothing: an older one may still be in doubt.
  mutating func endAttempt(_ token: String, isDoubtful: Bool) {
    guard let index = watches.firstIndex(where: { $0.token == token }) else { return }
    if isDoubtful { watches[index].isDoubtful = true }
    if !watches[index].isDoubtful { watches.remove(at: index) }
  }

  /// Ends the look for a token.
  mutating func forget(_ token: String) { watches.removeAll { $0.token == token } }

  /// The version at which a token turned up.
  func version(of token: String) -> Int64? { watches.first { $0.token == token }?.version }

  /// Looks for the tokens in an entry.
  mutating func settle(_ actions: [Action], version: Int64) {
    if watches.isEmpty { return }
    for case .commitInfo(let info) in actions {
      guard let token = info.txnId, let index = watches.firstIndex(where: { $0.token == token }) else { continue }
      watches[index].version = version
    }
  }
}
