/// Operations on snapshots of directories.
extension WebHDFSClient {
  /// Lets snapshots be made of a directory; for the administrator. ALLOWSNAPSHOT, since Hadoop 2.8.
  public func allowSnapshots(_ path: String) async throws(WebHDFSError) {
    try await order(.allowSnapshot, path)
  }

  /// Lets no snapshots be made of a directory that has none. DISALLOWSNAPSHOT, since Hadoop 2.8.
  public func disallowSnapshots(_ path: String) async throws(WebHDFSError) {
    try await order(.disallowSnapshot, path)
  }

  /// Makes a snapshot and returns its path; the server finds a name where none is given. CREATESNAPSHOT, since Hadoop
  /// 2.5.
  ///
  /// Sent once only: after a lost answer, list `.snapshot` below the directory.
  public func createSnapshot(_ path: String, _ name: String? = nil) async throws(WebHDFSError) -> String {
    try await answer(.createSnapshot, path, name.map { [("snapshotname", $0)] } ?? [], Answer.path)
  }

  /// Gives a snapshot another name; sent once only. RENAMESNAPSHOT, since Hadoop 2.5.
  public func renameSnapshot(_ path: String, _ name: String, to newName: String) async throws(WebHDFSError) {
    try await order(.renameSnapshot, path, [("oldsnapshotname", name), ("snapshotname", newName)])
  }

  /// Removes a snapshot. DELETESNAPSHOT, since Hadoop 2.5.
  public func deleteSnapshot(_ path: String, _ name: String) async throws(WebHDFSError) {
    try await order(.deleteSnapshot, path, [("snapshotname", name)])
  }

  /// What differs between two snapshots; an empty name is the present. GETSNAPSHOTDIFF, since Hadoop 3.0.3.
  public func snapshotDiff(
    _ path: String, from earlier: String, to later: String
  ) async throws(WebHDFSError) -> HDFSSnapshotDiff {
    try await answer(.getSnapshotDiff, path, [("oldsnapshotname", earlier), ("snapshotname", later)]) {
      Answer.value(HDFSSnapshotDiff.self, "SnapshotDiffReport", $0)
    }
  }

  /// A page of what differs between two snapshots. GETSNAPSHOTDIFFLISTING, since Hadoop 3.4.
  ///
  /// - Parameter page: The page before; `nil` for the first one.
  public func snapshotDiffPage(
    _ path: String, from earlier: String, to later: String, after page: HDFSSnapshotDiffPage? = nil
  ) async throws(WebHDFSError) -> HDFSSnapshotDiffPage {
    let parameters = [
      ("oldsnapshotname", earlier), ("snapshotname", later), ("snapshotdiffstartpath", page?.lastPath ?? ""),
      ("snapshotdiffindex", String(page?.lastIndex ?? -1)),
    ]
    return try await answer(.getSnapshotDiffListing, path, parameters) {
      Answer.value(HDFSSnapshotDiffPage.self, "SnapshotDiffReportListing", $0)
    }
  }

  /// The directories of which this user may make snapshots. GETSNAPSHOTTABLEDIRECTORYLIST, since Hadoop 3.1.
  public func snapshottableDirectories() async throws(WebHDFSError) -> [HDFSSnapshottableDirectory] {
    try await answer(.getSnapshottableDirectoryList, "/") {
      Answer.value([HDFSSnapshottableDirectory].self, "SnapshottableDirectoryList", $0)
    }
  }

  /// The snapshots of a directory. GETSNAPSHOTLIST, since Hadoop 3.4.
  public func snapshots(_ path: String) async throws(WebHDFSError) -> [HDFSSnapshot] {
    try await answer(.getSnapshotList, path) { Answer.value([HDFSSnapshot].self, "SnapshotList", $0) }
  }
}
