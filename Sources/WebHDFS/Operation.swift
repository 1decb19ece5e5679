/// The operations of the WebHDFS REST API of Hadoop 3.4, and how each may be handled.
///
/// Specification: Apache Hadoop, "WebHDFS REST API".
enum Operation: String, CaseIterable, Sendable {
  // GET
  case open = "OPEN"
  case getFileStatus = "GETFILESTATUS"
  case listStatus = "LISTSTATUS"
  case listStatusBatch = "LISTSTATUS_BATCH"
  case getContentSummary = "GETCONTENTSUMMARY"
  case getQuotaUsage = "GETQUOTAUSAGE"
  case getFileChecksum = "GETFILECHECKSUM"
  case getHomeDirectory = "GETHOMEDIRECTORY"
  case getDelegationToken = "GETDELEGATIONTOKEN"
  case getBlockLocations = "GET_BLOCK_LOCATIONS"
  case getFileBlockLocations = "GETFILEBLOCKLOCATIONS"
  case getACLStatus = "GETACLSTATUS"
  case getXAttrs = "GETXATTRS"
  case listXAttrs = "LISTXATTRS"
  case checkAccess = "CHECKACCESS"
  case getTrashRoot = "GETTRASHROOT"
  case getTrashRoots = "GETTRASHROOTS"
  case getAllStoragePolicy = "GETALLSTORAGEPOLICY"
  case getStoragePolicy = "GETSTORAGEPOLICY"
  case getECPolicy = "GETECPOLICY"
  case getECPolicies = "GETECPOLICIES"
  case getECCodecs = "GETECCODECS"
  case getServerDefaults = "GETSERVERDEFAULTS"
  case getSnapshotDiff = "GETSNAPSHOTDIFF"
  case getSnapshotDiffListing = "GETSNAPSHOTDIFFLISTING"
  case getSnapshottableDirectoryList = "GETSNAPSHOTTABLEDIRECTORYLIST"
  case getSnapshotList = "GETSNAPSHOTLIST"
  case getLinkTarget = "GETLINKTARGET"
  case getFileLinkStatus = "GETFILELINKSTATUS"
  case getStatus = "GETSTATUS"
  // PUT
  case create = "CREATE"
  case mkdirs = "MKDIRS"
  case rename = "RENAME"
  case setReplication = "SETREPLICATION"
  case setOwner = "SETOWNER"
  case setPermission = "SETPERMISSION"
  case setTimes = "SETTIMES"
  case createSymlink = "CREATESYMLINK"
  case renewDelegationToken = "RENEWDELEGATIONTOKEN"
  case cancelDelegationToken = "CANCELDELEGATIONTOKEN"
  case setACL = "SETACL"
  case modifyACLEntries = "MODIFYACLENTRIES"
  case removeACLEntries = "REMOVEACLENTRIES"
  case removeDefaultACL = "REMOVEDEFAULTACL"
  case removeACL = "REMOVEACL"
  case setXAttr = "SETXATTR"
  case removeXAttr = "REMOVEXATTR"
  case createSnapshot = "CREATESNAPSHOT"
  case renameSnapshot = "RENAMESNAPSHOT"
  case allowSnapshot = "ALLOWSNAPSHOT"
  case disallowSnapshot = "DISALLOWSNAPSHOT"
  case setStoragePolicy = "SETSTORAGEPOLICY"
  case satisfyStoragePolicy = "SATISFYSTORAGEPOLICY"
  case enableECPolicy = "ENABLEECPOLICY"
  case disableECPolicy = "DISABLEECPOLICY"
  case setECPolicy = "SETECPOLICY"
  case setQuota = "SETQUOTA"
  case setQuotaByStorageType = "SETQUOTABYSTORAGETYPE"
  // POST
  case append = "APPEND"
  case concat = "CONCAT"
  case truncate = "TRUNCATE"
  case unsetStoragePolicy = "UNSETSTORAGEPOLICY"
  case unsetECPolicy = "UNSETECPOLICY"
  // DELETE
  case delete = "DELETE"
  case deleteSnapshot = "DELETESNAPSHOT"

  /// The HTTP method.
  var method: HTTPRequest.Method {
    switch self {
    case .create, .mkdirs, .rename, .setReplication, .setOwner, .setPermission, .setTimes, .createSymlink,
      .renewDelegationToken, .cancelDelegationToken, .setACL, .modifyACLEntries, .removeACLEntries, .removeDefaultACL,
      .removeACL, .setXAttr, .removeXAttr, .createSnapshot, .renameSnapshot, .allowSnapshot, .disallowSnapshot,
      .setStoragePolicy, .satisfyStoragePolicy, .enableECPolicy, .disableECPolicy, .setECPolicy, .setQuota,
      .setQuotaByStorageType:
      .put
    case .append, .concat, .truncate, .unsetStoragePolicy, .unsetECPolicy: .post
    case .delete, .deleteSnapshot: .delete
    default: .get
    }
  }

  /// Whether the operation changes something.
  var isChange: Bool { method != .get }

  /// Whether a request may be sent again when the outcome of an earlier one is unknown.
  ///
  /// A repeated RENAME finds its source gone, or moves what somebody else put there; CONCAT's sources vanish; a
  /// snapshot is there already. CREATE and APPEND are harmless at the NameNode, where they only ask for a DataNode;
  /// their second leg is judged by ``TwoStep``.
  var isReplaySafe: Bool {
    switch self {
    case .rename, .concat, .createSnapshot, .renameSnapshot, .createSymlink: false
    default: true
    }
  }

  /// Whether the NameNode sends the client on to a DataNode.
  var hasDataNodeLeg: Bool {
    switch self {
    case .open, .create, .append, .getFileChecksum: true
    default: false
    }
  }

  /// Whether a standby NameNode answers it too, so that an answer tells nothing about who is active.
  var isAnsweredByStandby: Bool { self == .getHomeDirectory }

  /// The first release of Hadoop that has the operation; several where it was brought to older lines too.
  var since: String {
    switch self {
    case .listStatusBatch, .getTrashRoot: "2.9.0"
    case .getAllStoragePolicy, .getStoragePolicy, .setStoragePolicy, .unsetStoragePolicy, .allowSnapshot,
      .disallowSnapshot:
      "2.8.0"
    case .getServerDefaults: "2.8.3"
    case .getQuotaUsage: "2.10.0 and 3.1.3"
    case .getFileBlockLocations: "2.10.1 and 3.1.4"
    case .getSnapshotDiff: "3.0.3"
    case .getSnapshottableDirectoryList: "3.1.0"
    case .getECPolicy, .setECPolicy, .unsetECPolicy, .enableECPolicy, .disableECPolicy: "3.1.4"
    case .setQuota, .setQuotaByStorageType: "3.2.2"
    case .satisfyStoragePolicy: "3.3.0"
    case .getTrashRoots, .getECPolicies, .getECCodecs, .getSnapshotDiffListing, .getSnapshotList, .getLinkTarget,
      .getFileLinkStatus, .getStatus:
      "3.4.0"
    case .truncate: "2.7.0"
    case .checkAccess: "2.6.0"
    case .getXAttrs, .listXAttrs, .setXAttr, .removeXAttr, .createSnapshot, .renameSnapshot, .deleteSnapshot: "2.5.0"
    case .getACLStatus, .setACL, .modifyACLEntries, .removeACLEntries, .removeDefaultACL, .removeACL: "2.4.0"
    case .concat: "2.0.3"
    case .createSymlink: "0.23.1"
    case .getHomeDirectory, .getBlockLocations: "1.0.0"
    default: "0.20.205"
    }
  }
}
