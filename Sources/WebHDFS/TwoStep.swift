/// The course of an operation that a NameNode hands on to a DataNode: what to do next, without doing it.
///
///     NameNode: 307 Location ──▶ DataNode: answer ──▶ done
///        ▲                          │ not reached, or failed and harmless to repeat
///        └── excludedatanodes ◀─────┘
struct TwoStep {
  let operation: Operation
  let path: HDFSPath
  let isSecure: Bool
  let policy: RetryPolicy
  /// The hosts that a redirect may lead to; `nil` for any.
  var allowedHosts: HostPatterns?
  /// Hosts of DataNodes that failed, for the NameNode's `excludedatanodes`.
  private(set) var excluded: [String] = []
  private var attempt = 0

  /// What a NameNode's answer leads to.
  enum Direction: Equatable {
    /// Send the second leg there.
    case follow(Redirect)
    /// The answer is the result already: gateways serve reads themselves.
    case done
    /// The answer cannot be used, for this reason.
    case refuse(String)
  }

  init(
    operation: Operation, path: HDFSPath, isSecure: Bool, policy: RetryPolicy, allowedHosts: HostPatterns? = nil
  ) {
    self.allowedHosts = allowedHosts
    self.operation = operation
    self.path = path
    self.isSecure = isSecure
    self.policy = policy
  }

  /// Reads a NameNode's answer with a status of 200 to 399.
  func direction(status: Int, location: String?, body: [UInt8]) -> Direction {
    let target = location ?? (status == 200 && operation != .open ? Answer.location(body) : nil)
    if let target, status == 200 || (300...399).contains(status) {
      guard let redirect = Redirect(target) else { return .refuse("the redirect is not an absolute HTTP URL") }
      guard redirect.isSecure == isSecure else {
        return .refuse("the redirect to \(redirect.endpoint) changes between HTTP and HTTPS")
      }
      if let allowedHosts, !allowedHosts.contain(redirect.endpoint.host) {
        return .refuse("the redirect to \(redirect.endpoint) leaves the hosts that are allowed")
      }
      // Servers change names that are not composed, or decode them once too often: the bytes would go elsewhere.
      if let named = redirect.path, !named.utf8.elementsEqual(path.text.utf8) {
        return .refuse("the server changes the name to \(ErrorMapping.line(named))")
      }
      return .follow(redirect)
    }
    if status == 200 && !operation.isChange { return .done }
    return .refuse("HTTP status \(status) without a redirect")
  }

  /// Decides after the second leg failed at a DataNode.
  ///
  /// A CREATE that may have reached HDFS is not repeated here: its caller takes a new name.
  mutating func step(
    after failure: WebHDFSError, at host: String, elapsed: Duration, chance: Double
  ) -> RetryPolicy.Step {
    attempt += 1
    let step = policy.step(
      after: failure, attempt: attempt, isReplaySafe: !operation.isChange, nameNodes: 1, elapsed: elapsed,
      chance: chance)
    guard case .again = step, Self.blamesDataNode(failure.kind), !excluded.contains(host) else { return step }
    excluded.append(host)
    // Another DataNode is asked at once.
    return .again(after: .zero, failOver: false)
  }

  /// Forgets the exclusions once a NameNode has no other DataNode to offer, so that the next round takes any.
  mutating func forgive() {
    excluded = []
  }

  private static func blamesDataNode(_ kind: WebHDFSError.Kind) -> Bool {
    switch kind {
    case .notConnected, .timedOut, .connectionLost, .truncated, .noDataNodes: true
    default: false
    }
  }
}
