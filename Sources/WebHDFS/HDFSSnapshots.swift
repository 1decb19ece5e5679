/// A difference between two snapshots of a directory.
public struct HDFSSnapshotDiff: Hashable, Sendable, Decodable {
  /// One changed path.
  public struct Entry: Hashable, Sendable, Decodable {
    /// `CREATE`, `MODIFY`, `DELETE` or `RENAME`.
    public var type: String
    /// The path below the directory; empty for the directory itself.
    public var sourcePath: String
    /// The new path of a rename.
    public var targetPath: String?
  }

  /// The directory.
  public var snapshotRoot: String
  /// The earlier snapshot's name.
  public var fromSnapshot: String
  /// The later snapshot's name.
  public var toSnapshot: String
  /// What differs.
  public var diffList: [Entry]
}

/// A page of the difference between two snapshots.
public struct HDFSSnapshotDiffPage: Hashable, Sendable, Decodable {
  /// One changed inode.
  public struct Entry: Hashable, Sendable, Decodable {
    /// The inode's number.
    public var fileId: Int64?
    /// The number of the directory that holds it.
    public var dirId: Int64?
    /// The path below the directory.
    public var sourcePath: String?
    /// The new path of a rename.
    public var targetPath: String?
    /// Whether the inode was renamed.
    public var isReference: Bool?
  }

  /// What was changed.
  public var modifyList: [Entry]
  /// What is new.
  public var createList: [Entry]
  /// What is gone.
  public var deleteList: [Entry]
  /// Where the next page begins.
  public var lastPath: String
  /// The position at ``lastPath`` where the next page begins; -1 after the last page.
  public var lastIndex: Int
  /// Whether the difference was asked for from the earlier to the later snapshot.
  public var isFromEarlier: Bool

  /// Whether no page follows.
  public var isLast: Bool { lastIndex == -1 }
}

/// A directory of which snapshots can be made.
public struct HDFSSnapshottableDirectory: Hashable, Sendable, Decodable {
  /// The directory; its name is the last component.
  public var dirStatus: HDFSFileStatus
  /// The path of the directory above.
  public var parentFullPath: String
  /// How many snapshots there are.
  public var snapshotNumber: Int
  /// How many snapshots may be made.
  public var snapshotQuota: Int
}

/// A snapshot of a directory.
public struct HDFSSnapshot: Hashable, Sendable, Decodable {
  /// The snapshot as a directory; its name is the snapshot's.
  public var dirStatus: HDFSFileStatus
  /// The snapshot's number.
  public var snapshotID: Int
  /// The path of the snapshot's parent.
  public var fullPath: String?
  /// `ACTIVE`, or `DELETED` where the server still has to clean up.
  public var deletionStatus: String?
}
