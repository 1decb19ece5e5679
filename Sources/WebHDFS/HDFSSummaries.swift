/// How much of a quota for one kind of storage, such as `SSD`, is used.
public struct HDFSTypeQuota: Hashable, Sendable, Decodable {
  /// Bytes used, copies counted.
  public var consumed: Int64
  /// The most bytes allowed; -1 for no limit.
  public var quota: Int64
}

/// What GETCONTENTSUMMARY tells of a tree.
public struct HDFSContentSummary: Hashable, Sendable, Decodable {
  /// Directories in the tree, its root included.
  public var directoryCount: Int64
  /// Files in the tree.
  public var fileCount: Int64
  /// Bytes of all files, each counted once.
  public var length: Int64
  /// Bytes of all copies.
  public var spaceConsumed: Int64
  /// The most names allowed in the tree; -1 for no limit.
  public var quota: Int64
  /// The most bytes allowed, copies counted; -1 for no limit.
  public var spaceQuota: Int64
  /// The erasure coding policy, where the server tells one.
  public var ecPolicy: String?
  /// Quotas by kind of storage, where the server tells them.
  public var typeQuota: [String: HDFSTypeQuota]?
}

/// What GETQUOTAUSAGE tells of a tree: cheaper than ``HDFSContentSummary`` for the server.
public struct HDFSQuotaUsage: Hashable, Sendable, Decodable {
  /// Names in the tree.
  public var fileAndDirectoryCount: Int64
  /// The most names allowed in the tree; -1 for no limit.
  public var quota: Int64
  /// Bytes of all copies.
  public var spaceConsumed: Int64
  /// The most bytes allowed, copies counted; -1 for no limit.
  public var spaceQuota: Int64
  /// Quotas by kind of storage.
  public var typeQuota: [String: HDFSTypeQuota]?
}

/// What GETSTATUS tells of the whole file system, in bytes.
public struct HDFSCapacity: Hashable, Sendable, Decodable {
  /// All there is.
  public var capacity: Int64
  /// What is used.
  public var used: Int64
  /// What is free.
  public var remaining: Int64
}

/// What GETSERVERDEFAULTS tells: how files are made that ask for nothing else.
public struct HDFSServerDefaults: Hashable, Sendable, Decodable {
  /// Bytes of a block.
  public var blockSize: Int64
  /// Bytes that one checksum covers.
  public var bytesPerChecksum: Int
  /// The kind of checksum by Hadoop's number: 1 is CRC-32, 2 is CRC-32C.
  public var checksumType: Int
  /// Copies of each block.
  public var replication: Int
  /// Bytes of a packet between client and DataNode.
  public var writePacketSize: Int
  /// Bytes of a buffer.
  public var fileBufferSize: Int
  /// Minutes that the trash keeps files; 0 without trash.
  public var trashInterval: Int64
  /// The number of the storage policy.
  public var defaultStoragePolicyId: Int?
  /// Where keys of encryption zones are kept; empty without any.
  public var keyProviderUri: String?
}

/// How far a file has been written, and where its blocks lie.
public struct HDFSWriteState: Hashable, Sendable {
  /// Length in bytes of what is complete.
  public var length: Int64
  /// Whether a writer still holds the file open.
  public var isUnderConstruction: Bool
  /// Sizes of the blocks in order.
  public var blockLengths: [Int64]
}

/// Where a block of a file lies, as GETFILEBLOCKLOCATIONS tells it.
public struct HDFSBlockLocation: Hashable, Sendable, Decodable {
  /// Where the block begins in the file.
  public var offset: Int64
  /// Bytes of the block.
  public var length: Int64
  /// Whether all copies are damaged.
  public var corrupt: Bool
  /// The DataNodes' host names.
  public var hosts: [String]
  /// The DataNodes as `host:port` of their transfer ports.
  public var names: [String]
  /// The DataNodes that hold the block in memory.
  public var cachedHosts: [String]
  /// The kinds of storage, one for each copy.
  public var storageTypes: [String]?
  /// The DataNodes' places in the network, such as `/rack-1/host:9866`.
  public var topologyPaths: [String]?
}
