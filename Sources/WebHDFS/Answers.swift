import FoundationEssentials

/// What a NameNode tells of a file or directory.
public struct HDFSFileStatus: Hashable, Sendable {
  /// The name within its directory; empty when the path itself was asked for.
  public var name: String
  /// Length in bytes; 0 for directories. Of a file that is being written only the finished blocks count.
  public var length: Int64
  /// Whether this is a directory.
  public var isDirectory: Bool
  /// The inode's number, which a rename does not change; 0 when the server does not tell it.
  public var fileID: Int64
  /// Milliseconds since 1970-01-01 UTC.
  public var modificationTime: Int64
  /// Milliseconds since 1970-01-01 UTC; 0 for directories.
  public var accessTime: Int64
  /// Bytes of a full block; 0 for directories.
  public var blockSize: Int64
  /// Copies of each block; 0 for directories.
  public var replication: Int
  /// Unix permission bits, the sticky bit included.
  public var permission: Int
  /// The user whom the file belongs to.
  public var owner: String
  /// The group whom the file belongs to.
  public var group: String
  /// Whether the file lies in an encryption zone, where checksums cover the encrypted bytes.
  public var isEncrypted: Bool
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
}

/// How far a file has been written.
public struct HDFSWriteState: Hashable, Sendable {
  /// Length in bytes of what is complete.
  public var length: Int64
  /// Whether a writer still holds the file open.
  public var isUnderConstruction: Bool
  /// Sizes of the blocks in order.
  public var blockLengths: [Int64]
}

/// Reads the JSON that NameNodes answer.
enum Answer {
  private struct StatusJSON: Decodable {
    var pathSuffix: String?
    var length: Int64?
    var type: String?
    var fileId: Int64?
    var modificationTime: Int64?
    var accessTime: Int64?
    var blockSize: Int64?
    var replication: Int?
    var permission: String?
    var owner: String?
    var group: String?
    var encBit: Bool?

    var value: HDFSFileStatus {
      HDFSFileStatus(
        name: pathSuffix ?? "", length: max(length ?? 0, 0), isDirectory: type == "DIRECTORY", fileID: fileId ?? 0,
        modificationTime: modificationTime ?? 0, accessTime: accessTime ?? 0, blockSize: blockSize ?? 0,
        replication: replication ?? 0, permission: permission.flatMap { Int($0, radix: 8) } ?? 0, owner: owner ?? "",
        group: group ?? "", isEncrypted: encBit ?? false)
    }
  }

  private struct StatusEnvelope: Decodable {
    var FileStatus: StatusJSON
  }

  private struct ListEnvelope: Decodable {
    struct List: Decodable { var FileStatus: [StatusJSON] }
    var FileStatuses: List
  }

  private struct BooleanJSON: Decodable { var boolean: Bool }
  private struct SummaryEnvelope: Decodable { var ContentSummary: HDFSContentSummary }
  private struct LocationJSON: Decodable { var Location: String }

  private struct BlocksEnvelope: Decodable {
    struct Blocks: Decodable {
      struct Located: Decodable {
        struct Block: Decodable { var numBytes: Int64 }
        var block: Block
      }
      var fileLength: Int64
      var isUnderConstruction: Bool
      var locatedBlocks: [Located]
    }
    var LocatedBlocks: Blocks
  }

  private struct ChecksumEnvelope: Decodable {
    struct Checksum: Decodable {
      var algorithm: String
      var bytes: String
      var length: Int
    }
    var FileChecksum: Checksum
  }

  static func status(_ body: [UInt8]) -> HDFSFileStatus? {
    decode(StatusEnvelope.self, body)?.FileStatus.value
  }

  static func list(_ body: [UInt8]) -> [HDFSFileStatus]? {
    decode(ListEnvelope.self, body)?.FileStatuses.FileStatus.map(\.value)
  }

  static func boolean(_ body: [UInt8]) -> Bool? {
    decode(BooleanJSON.self, body)?.boolean
  }

  static func contentSummary(_ body: [UInt8]) -> HDFSContentSummary? {
    decode(SummaryEnvelope.self, body)?.ContentSummary
  }

  /// The address that a NameNode answers in JSON when it was asked not to redirect, or a gateway always does.
  static func location(_ body: [UInt8]) -> String? {
    decode(LocationJSON.self, body)?.Location
  }

  static func writeState(_ body: [UInt8]) -> HDFSWriteState? {
    decode(BlocksEnvelope.self, body).map { envelope in
      let blocks = envelope.LocatedBlocks
      return HDFSWriteState(
        length: blocks.fileLength, isUnderConstruction: blocks.isUnderConstruction,
        blockLengths: blocks.locatedBlocks.map(\.block.numBytes))
    }
  }

  static func checksum(_ body: [UInt8]) -> HDFSChecksum? {
    decode(ChecksumEnvelope.self, body).flatMap { envelope in
      let answer = envelope.FileChecksum
      guard answer.length >= 0, answer.length <= 1_024 else { return nil }
      // 2.7 prints more digits than the length it tells.
      return HDFSChecksum(algorithm: answer.algorithm, hex: String(answer.bytes.prefix(2 * answer.length)))
    }
  }

  private static func decode<T: Decodable>(_ type: T.Type, _ body: [UInt8]) -> T? {
    try? JSONDecoder().decode(type, from: Data(body))
  }
}
