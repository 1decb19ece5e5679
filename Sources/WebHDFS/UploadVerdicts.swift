/// The decisions of a safe upload, apart from the requests that carry them out.
///
///     CREATE temporary ─▶ closed and complete? ─▶ checksum equal? ─▶ MKDIRS parent ─▶ RENAME NONE ─▶ ours
///                              WriteVerdict                                              RenameVerdict

/// What the state of a file just sent means.
enum WriteVerdict: Equatable {
  /// All bytes are stored and the file is closed.
  case complete
  /// The server is still closing the file: look again after this time.
  case wait(Duration)
  /// The file will not become complete.
  case incomplete

  /// A server closes a file up to half a second after it said "created"; a writer that died holds it open for ever.
  static let patience: Duration = .seconds(5)

  static func judge(_ state: HDFSWriteState, expected: Int64, looks: Int, waited: Duration) -> WriteVerdict {
    if !state.isUnderConstruction { return state.length == expected ? .complete : .incomplete }
    if waited >= patience { return .incomplete }
    // 10, 20, 40 … 320 ms.
    return .wait(.milliseconds(10 << min(max(looks, 0), 5)))
  }
}

/// What a failed rename to the final name means, given who stands there now.
enum RenameVerdict: Equatable {
  /// The rename happened after all.
  case ours
  /// Another file holds the name.
  case taken
  /// It did not happen, and may be tried again.
  case again
  /// It did not happen, and trying again is of no use now.
  case failed
  /// Nobody can tell.
  case unknown

  /// - Parameters:
  ///   - failure: How the rename failed.
  ///   - ourID: The inode number of the temporary file, 0 when the server does not tell it.
  ///   - targetID: The inode number at the final name, `nil` when nothing is there.
  ///   - sourceIsThere: Whether the temporary file still stands.
  static func judge(
    _ failure: WebHDFSError.Kind, ourID: Int64, targetID: Int64?, sourceIsThere: Bool
  ) -> RenameVerdict {
    if let targetID {
      if ourID != 0 && targetID == ourID { return .ours }
      return sourceIsThere ? .taken : .unknown
    }
    guard sourceIsThere else { return .unknown }
    switch failure {
    case .timedOut, .connectionLost, .unexpectedAnswer, .serverError: return .again
    // The one in our way is gone again, or the parent is.
    case .alreadyExists, .notFound: return .again
    default: return .failed
    }
  }

  /// Whether only the removal of the temporary file can tell, where nobody answers who holds the final name: what was
  /// refused did not happen, but a name that somebody holds may be ours by an attempt whose answer was lost.
  static func mustRemoveSource(_ failure: WebHDFSError.Kind) -> Bool {
    failure == .alreadyExists || !failure.wasNotCarriedOut
  }

  /// The verdict where nobody answers who holds the final name: a temporary file that can still be removed was not
  /// renamed, and now never will be.
  static func judge(_ failure: WebHDFSError.Kind, hasRemovedSource: Bool) -> RenameVerdict {
    guard hasRemovedSource else { return .unknown }
    return failure == .alreadyExists ? .taken : .failed
  }
}
