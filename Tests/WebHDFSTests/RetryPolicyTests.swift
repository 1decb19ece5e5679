import Testing

@testable import WebHDFS

@Suite struct RetryPolicyTests {
  private func error(_ kind: WebHDFSError.Kind) -> WebHDFSError {
    WebHDFSError(kind, operation: "X", path: "/", message: "")
  }

  private func step(
    _ kind: WebHDFSError.Kind, attempt: Int = 1, safe: Bool = true, nameNodes: Int = 1, elapsed: Duration = .zero,
    chance: Double = 1
  ) -> RetryPolicy.Step {
    RetryPolicy().step(
      after: error(kind), attempt: attempt, isReplaySafe: safe, nameNodes: nameNodes, elapsed: elapsed, chance: chance)
  }

  @Test(arguments: WebHDFSError.Kind.allCases)
  func onlyTransientFailuresAreRepeated(kind: WebHDFSError.Kind) {
    #expect((step(kind) == .giveUp) != kind.isTransient)
  }

  @Test(arguments: [
    (WebHDFSError.Kind.timedOut, false), (.connectionLost, false), (.notConnected, true), (.standby, true),
    (.safeMode, true), (.startingUp, true),
  ])
  func whatMayHaveHappenedIsNotRepeated(kind: WebHDFSError.Kind, repeats: Bool) {
    #expect((step(kind, safe: false) != .giveUp) == repeats)
  }

  @Test func waitsDoubleUpToALimit() {
    let delays = (1...3).map { step(.safeMode, attempt: $0) }
    #expect(
      delays == [
        .again(after: .milliseconds(100), failOver: false), .again(after: .milliseconds(200), failOver: false),
        .again(after: .milliseconds(400), failOver: false),
      ])
    #expect(step(.safeMode, attempt: 4) == .giveUp)
    var policy = RetryPolicy()
    policy.attempts = 100
    policy.patience = .seconds(1_000)
    let late = policy.step(
      after: error(.safeMode), attempt: 60, isReplaySafe: true, nameNodes: 1, elapsed: .zero, chance: 1)
    #expect(late == .again(after: .seconds(2), failOver: false))
  }

  @Test func chanceSpreadsTheWaits() {
    #expect(step(.safeMode, chance: 0) == .again(after: .milliseconds(50), failOver: false))
    #expect(step(.safeMode, chance: 7) == .again(after: .milliseconds(100), failOver: false))
  }

  @Test func patienceEnds() {
    #expect(step(.notConnected, elapsed: .seconds(9)) != .giveUp)
    #expect(step(.notConnected, elapsed: .milliseconds(9_950)) == .giveUp)
  }

  @Test func otherNameNodesAreAskedAtOnce() {
    #expect(step(.standby, attempt: 1, nameNodes: 2) == .again(after: .zero, failOver: true))
    #expect(step(.standby, attempt: 2, nameNodes: 2) == .again(after: .milliseconds(100), failOver: true))
    #expect(step(.notConnected, attempt: 3, nameNodes: 2) == .again(after: .zero, failOver: true))
    #expect(step(.standby, attempt: 8, nameNodes: 2) == .giveUp)
    #expect(step(.safeMode, attempt: 1, nameNodes: 2) == .again(after: .milliseconds(100), failOver: false))
    // A NameNode that hangs longer than our patience must not keep us from the other one.
    #expect(step(.timedOut, attempt: 1, nameNodes: 2, elapsed: .seconds(60)) == .again(after: .zero, failOver: true))
    #expect(step(.timedOut, attempt: 2, nameNodes: 2, elapsed: .seconds(60)) == .giveUp)
    #expect(step(.timedOut, attempt: 3, nameNodes: 2, elapsed: .seconds(60)) == .giveUp)
  }
}

@Suite struct TwoStepTests {
  private func course(_ operation: WebHDFS.Operation, isSecure: Bool = false) throws -> TwoStep {
    TwoStep(
      operation: operation, path: try HDFSPath("/a b", for: operation), isSecure: isSecure, policy: RetryPolicy())
  }

  @Test func followsRedirectsOfTheSameScheme() throws {
    let location = "http://dn:9864/webhdfs/v1/a%20b?op=CREATE"
    let redirect = try #require(Redirect(location))
    #expect(try course(.create).direction(status: 307, location: location, body: []) == .follow(redirect))
    // A newer server that was asked not to redirect, or a gateway that never does.
    let json = Array(#"{"Location":"\#(location)"}"#.utf8)
    #expect(try course(.create).direction(status: 200, location: nil, body: json) == .follow(redirect))
    #expect(try course(.getFileChecksum).direction(status: 200, location: nil, body: json) == .follow(redirect))
    guard case .refuse = try course(.create, isSecure: true).direction(status: 307, location: location, body: []) else {
      Issue.record("a redirect from HTTPS to HTTP was followed")
      return
    }
  }

  @Test(arguments: [
    ("http://dn/webhdfs/v1/a%20b?x", true), ("http://dn/webhdfs/v1/a+b?x", false),
    ("http://dn/webhdfs/v1/a%2520b", false),
    ("http://dn/webhdfs/v1/a%2", false), ("http://dn/webhdfs/data/v1/x?_=opaque", true),
  ])
  func aChangedNameIsNotWrittenTo(location: String, follows: Bool) throws {
    let direction = try course(.create).direction(status: 307, location: location, body: [])
    if case .follow = direction { #expect(follows) } else { #expect(!follows) }
  }

  @Test func gatewaysAnswerReadsThemselves() throws {
    let body = Array(#"{"Location":"http://dn:1/"}"#.utf8)
    // A file may hold anything: its content is never taken for a redirect.
    #expect(try course(.open).direction(status: 200, location: nil, body: body) == .done)
    guard case .refuse = try course(.create).direction(status: 200, location: nil, body: []) else {
      Issue.record("a CREATE without a redirect was taken as done")
      return
    }
    guard case .refuse = try course(.open).direction(status: 307, location: nil, body: []) else {
      Issue.record("a redirect without a location was taken as done")
      return
    }
  }

  @Test(arguments: [
    (WebHDFS.Operation.open, WebHDFSError.Kind.notConnected, true), (.open, .timedOut, true), (.open, .truncated, true),
    (.open, .notFound, false), (.create, .notConnected, true), (.create, .connectionLost, false),
    (.create, .timedOut, false), (.create, .safeMode, true), (.create, .alreadyExists, false),
    (.getFileChecksum, .connectionLost, true),
  ])
  func repeatsWhatIsHarmless(operation: WebHDFS.Operation, kind: WebHDFSError.Kind, repeats: Bool) throws {
    var course = try course(operation)
    let error = WebHDFSError(kind, operation: operation.rawValue, path: "/", message: "")
    #expect((course.step(after: error, at: "dn", elapsed: .zero, chance: 0) != .giveUp) == repeats)
  }

  @Test func asksForAnotherDataNode() throws {
    var course = try course(.open)
    let lost = WebHDFSError(.notConnected, operation: "OPEN", path: "/", message: "")
    #expect(course.step(after: lost, at: "dn1", elapsed: .zero, chance: 1) == .again(after: .zero, failOver: false))
    #expect(course.step(after: lost, at: "dn2", elapsed: .zero, chance: 1) == .again(after: .zero, failOver: false))
    #expect(course.excluded == ["dn1", "dn2"])
    // The same one again: there is no other, so wait.
    #expect(
      course.step(after: lost, at: "dn2", elapsed: .zero, chance: 1)
        == .again(after: .milliseconds(400), failOver: false))
    #expect(course.step(after: lost, at: "dn3", elapsed: .zero, chance: 1) == .giveUp)
  }
}

@Suite struct UploadVerdictTests {
  @Test(arguments: [
    (Int64(10), false, Duration.zero, WriteVerdict.complete),
    (0, false, .zero, .incomplete),
    (11, false, .zero, .incomplete),
    (10, true, .zero, .wait(.milliseconds(10))),
    (0, true, .seconds(4), .wait(.milliseconds(10))),
    (0, true, .seconds(5), .incomplete),
    (10, true, .seconds(6), .incomplete),
  ])
  func closedAndWhole(length: Int64, open: Bool, waited: Duration, verdict: WriteVerdict) {
    let state = HDFSWriteState(length: length, isUnderConstruction: open, blockLengths: [])
    #expect(WriteVerdict.judge(state, expected: 10, looks: 0, waited: waited) == verdict)
  }

  @Test func looksGetRarer() {
    let state = HDFSWriteState(length: 0, isUnderConstruction: true, blockLengths: [])
    #expect(WriteVerdict.judge(state, expected: 1, looks: 5, waited: .zero) == .wait(.milliseconds(320)))
    #expect(WriteVerdict.judge(state, expected: 1, looks: 500, waited: .zero) == .wait(.milliseconds(320)))
  }

  @Test(
    arguments: [
      // failure, our inode, inode at the final name, is the temporary file there
      (WebHDFSError.Kind.timedOut, Int64(7), Int64(7), false, RenameVerdict.ours),
      (.connectionLost, 7, 7, false, .ours),
      (.notFound, 7, 7, false, .ours),
      (.alreadyExists, 7, 7, false, .ours),
      (.alreadyExists, 7, 8, true, .taken),
      (.timedOut, 7, 8, true, .taken),
      (.alreadyExists, 7, nil, true, .again),
      (.notFound, 7, nil, true, .again),
      (.timedOut, 7, nil, true, .again),
      (.timedOut, 7, nil, false, .unknown),
      (.timedOut, 7, 8, false, .unknown),
      (.safeMode, 7, nil, true, .failed),
      (.permissionDenied, 7, nil, true, .failed),
      (.namespaceQuotaExceeded, 7, nil, true, .failed),
      // A server that tells no inode numbers cannot prove that the file is ours.
      (.timedOut, 0, 0, false, .unknown),
      (.alreadyExists, 0, 0, true, .taken),
    ] as [(WebHDFSError.Kind, Int64, Int64?, Bool, RenameVerdict)])
  func whoseFileIsIt(
    failure: WebHDFSError.Kind, ourID: Int64, targetID: Int64?, sourceIsThere: Bool, verdict: RenameVerdict
  ) {
    #expect(
      RenameVerdict.judge(failure, ourID: ourID, targetID: targetID, sourceIsThere: sourceIsThere) == verdict)
  }

  @Test("where nobody answers who holds the name, the removal of the temporary file tells")
  func unanswered() {
    // The name was taken by another writer, and HDFS went away before it could be asked by whom. Taking this for a
    // failure of its own once ended a sink that had merely lost a race for a version of the log.
    #expect(RenameVerdict.mustRemoveSource(.alreadyExists))
    #expect(RenameVerdict.judge(.alreadyExists, hasRemovedSource: true) == .taken)
    #expect(RenameVerdict.judge(.alreadyExists, hasRemovedSource: false) == .unknown)
    #expect(RenameVerdict.mustRemoveSource(.connectionLost))
    #expect(RenameVerdict.judge(.connectionLost, hasRemovedSource: true) == .failed)
    #expect(RenameVerdict.judge(.connectionLost, hasRemovedSource: false) == .unknown)
    for kind in [WebHDFSError.Kind.permissionDenied, .safeMode, .notConnected, .notFound] {
      #expect(!RenameVerdict.mustRemoveSource(kind))
    }
  }

  @Test(
    arguments: [
      (0, 1_048_576), (1, 1_048_576), (1_048_577, 1_049_088), (100_000_000, 100_000_256),
      (134_217_728, 134_217_728), (1_099_511_627_776, 134_217_728),
    ] as [(Int64, Int64)])
  func blocksHoldSmallFilesWhole(length: Int64, block: Int64) {
    #expect(SafeUpload.blockSize(for: length) == block)
    #expect(block % 512 == 0)
  }
}
