/// What a NameNode tells of a file or directory.
public struct HDFSFileStatus: Hashable, Sendable {
  /// What stands at a path.
  public enum Kind: String, Hashable, Sendable {
    case file = "FILE"
    case directory = "DIRECTORY"
    /// A symbolic link, which few clusters allow.
    case symlink = "SYMLINK"
  }

  /// The name within its directory; empty when the path itself was asked for.
  public var name: String
  /// What it is.
  public var kind: Kind
  /// Length in bytes; 0 for directories. Of a file that is being written only the finished blocks count.
  public var length: Int64
  /// The inode's number, which a rename does not change; 0 when the server does not tell it.
  public var fileID: Int64
  /// Milliseconds since 1970-01-01 UTC.
  public var modificationTime: Int64
  /// Milliseconds since 1970-01-01 UTC; 0 for directories.
  public var accessTime: Int64
  /// Bytes of a full block; 0 for directories.
  public var blockSize: Int64
  /// Copies of each block; 0 for directories, and 1 for files that are erasure coded.
  public var replication: Int
  /// Unix permission bits, the sticky bit included.
  public var permission: Int
  /// The user whom the file belongs to.
  public var owner: String
  /// The group whom the file belongs to.
  public var group: String
  /// How many entries a directory has; `nil` when the server does not tell it.
  public var childCount: Int?
  /// The number of the storage policy; 0 for none of its own.
  public var storagePolicyID: Int
  /// Where a symbolic link leads.
  public var symlinkTarget: String?
  /// Whether the file lies in an encryption zone, where checksums cover the encrypted bytes.
  public var isEncrypted: Bool
  /// Whether the file is erasure coded, where checksums are of another kind.
  public var isErasureCoded: Bool
  /// Whether there are access control entries beside the permission bits.
  public var hasACL: Bool

  /// Whether this is a directory.
  public var isDirectory: Bool { kind == .directory }
}

extension HDFSFileStatus: Decodable {
  private enum Key: String, CodingKey {
    case pathSuffix, type, length, fileId, modificationTime, accessTime, blockSize, replication, permission, owner
    case group, childrenNum, storagePolicy, symlink, encBit, ecBit, aclBit
  }

  /// Reads the JSON object `FileStatus`; what old servers leave out becomes zero, empty or false.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    func number<T: Decodable & FixedWidthInteger>(_ key: Key) throws -> T {
      max(try values.decodeIfPresent(T.self, forKey: key) ?? 0, 0)
    }
    func text(_ key: Key) throws -> String { try values.decodeIfPresent(String.self, forKey: key) ?? "" }
    func flag(_ key: Key) throws -> Bool { try values.decodeIfPresent(Bool.self, forKey: key) ?? false }
    guard let kind = Kind(rawValue: try values.decode(String.self, forKey: .type)) else {
      throw DecodingError.dataCorruptedError(forKey: .type, in: values, debugDescription: "an unknown type")
    }
    self.kind = kind
    name = try text(.pathSuffix)
    length = try number(.length)
    fileID = try number(.fileId)
    modificationTime = try number(.modificationTime)
    accessTime = try number(.accessTime)
    blockSize = try number(.blockSize)
    replication = try number(.replication)
    permission = Int(try text(.permission), radix: 8) ?? 0
    owner = try text(.owner)
    group = try text(.group)
    childCount = try values.decodeIfPresent(Int.self, forKey: .childrenNum)
    storagePolicyID = try number(.storagePolicy)
    symlinkTarget = try values.decodeIfPresent(String.self, forKey: .symlink)
    isEncrypted = try flag(.encBit)
    isErasureCoded = try flag(.ecBit)
    hasACL = try flag(.aclBit)
  }
}

/// One page of a directory.
public struct HDFSListingPage: Hashable, Sendable {
  /// The entries, in the order of their names' bytes.
  public var entries: [HDFSFileStatus]
  /// How many entries come after these.
  public var remaining: Int
}
