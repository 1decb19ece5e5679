/// Which kinds of storage the copies of a file's blocks go to.
public struct HDFSStoragePolicy: Hashable, Sendable, Decodable {
  /// The number that ``HDFSFileStatus/storagePolicyID`` tells.
  public var id: Int
  /// The name, such as `HOT`.
  public var name: String
  /// The kinds of storage in the order of the copies.
  public var storageTypes: [String]
  /// What new blocks fall back to.
  public var creationFallbacks: [String]
  /// What further copies fall back to.
  public var replicationFallbacks: [String]
  /// Whether the policy must be chosen when a file is made.
  public var copyOnCreateFile: Bool
}

/// How a file's blocks are cut into data and parity.
public struct HDFSErasureCodingPolicy: Hashable, Sendable, Decodable {
  /// The schema of a policy.
  public struct Schema: Hashable, Sendable, Decodable {
    /// The codec, such as `rs`.
    public var codecName: String
    /// Blocks of data in a group.
    public var numDataUnits: Int
    /// Blocks of parity in a group.
    public var numParityUnits: Int
    /// Options of the codec.
    public var extraOptions: [String: String]?
  }

  /// The name, such as `RS-6-3-1024k`.
  public var name: String
  /// The schema.
  public var schema: Schema
  /// Bytes of a cell.
  public var cellSize: Int
  /// The policy's number.
  public var id: Int
  /// Whether Hadoop brought the policy.
  public var systemPolicy: Bool?
}

/// A policy and whether the cluster may use it.
public struct HDFSErasureCodingPolicyState: Hashable, Sendable, Decodable {
  /// `ENABLED`, `DISABLED` or `REMOVED`.
  public var state: String
  /// The policy.
  public var policy: HDFSErasureCodingPolicy
}

/// What GETACLSTATUS tells of access to a path.
public struct HDFSACLStatus: Hashable, Sendable, Decodable {
  /// Entries beside the permission bits, such as `user:ann:rw-` or `default:group::r-x`.
  public var entries: [String]
  /// The user whom the path belongs to.
  public var owner: String
  /// The group whom the path belongs to.
  public var group: String
  /// Whether the sticky bit is set.
  public var stickyBit: Bool
}

/// How the server writes the values of extended attributes.
public enum HDFSXAttrEncoding: String, Hashable, Sendable {
  /// In quotes; for values that are text.
  case text
  /// `0x` and hexadecimal digits.
  case hex
  /// `0s` and base64.
  case base64
}

/// Which access to ask for with CHECKACCESS.
public struct HDFSAccess: OptionSet, Hashable, Sendable {
  /// The bits, as in Unix permissions.
  public let rawValue: Int

  /// Makes a set of the given bits.
  public init(rawValue: Int) { self.rawValue = rawValue }

  /// May read a file, or list a directory.
  public static let read = HDFSAccess(rawValue: 4)
  /// May write a file, or make entries in a directory.
  public static let write = HDFSAccess(rawValue: 2)
  /// May go through a directory.
  public static let execute = HDFSAccess(rawValue: 1)

  /// As the server wants it: `r-x`.
  var symbol: String {
    (contains(.read) ? "r" : "-") + (contains(.write) ? "w" : "-") + (contains(.execute) ? "x" : "-")
  }
}
