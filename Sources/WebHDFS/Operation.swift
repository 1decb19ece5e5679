/// The WebHDFS operations that this client uses, and how each may be handled.
///
/// Specification: Apache Hadoop, "WebHDFS REST API".
enum Operation: String, CaseIterable, Sendable {
  case listStatus = "LISTSTATUS"
  case getFileStatus = "GETFILESTATUS"
  case getContentSummary = "GETCONTENTSUMMARY"
  case getBlockLocations = "GET_BLOCK_LOCATIONS"
  case getFileChecksum = "GETFILECHECKSUM"
  case open = "OPEN"
  case create = "CREATE"
  case mkdirs = "MKDIRS"
  case rename = "RENAME"
  case setPermission = "SETPERMISSION"
  case setOwner = "SETOWNER"
  case delete = "DELETE"

  var method: HTTPRequest.Method {
    switch self {
    case .listStatus, .getFileStatus, .getContentSummary, .getBlockLocations, .getFileChecksum, .open: .get
    case .create, .mkdirs, .rename, .setPermission, .setOwner: .put
    case .delete: .delete
    }
  }

  /// Whether the operation changes something.
  var isChange: Bool { method != .get }

  /// Whether a request may be sent again when the outcome of an earlier one is unknown.
  ///
  /// A repeated RENAME finds its source gone, or moves what somebody else put there. A CREATE is harmless at the
  /// NameNode, where it only asks for a DataNode; its second leg is judged by ``TwoStep``.
  var isReplaySafe: Bool { self != .rename }

  /// Whether the NameNode sends the client on to a DataNode.
  var hasDataNodeLeg: Bool {
    switch self {
    case .open, .create, .getFileChecksum: true
    default: false
    }
  }
}
