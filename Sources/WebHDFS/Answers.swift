import FoundationEssentials

/// Reads the JSON that servers answer: an object with one member whose name is the answer's type, such as
/// `{"FileStatus":{…}}` or `{"boolean":true}`. Members that are not known are left alone.
enum Answer {
  private struct List: Decodable { var FileStatus: [HDFSFileStatus] }

  private struct Batch: Decodable {
    struct Partial: Decodable { var FileStatuses: List }
    var partialListing: Partial
    var remainingEntries: Int
  }

  private struct Blocks: Decodable {
    struct Located: Decodable {
      struct Block: Decodable { var numBytes: Int64 }
      var block: Block
    }
    var fileLength: Int64
    var isUnderConstruction: Bool
    var locatedBlocks: [Located]
  }

  private struct Checksum: Decodable {
    var algorithm: String
    var bytes: String
    var length: Int
  }

  /// The value of the only member, or of the member of that name.
  static func value<T: Decodable>(_ type: T.Type, _ name: String, _ body: [UInt8]) -> T? {
    try? JSONDecoder().decode(Envelope<T>.self, from: Data(body), configuration: name).value
  }

  /// A value without an envelope.
  static func bare<T: Decodable>(_ type: T.Type, _ body: [UInt8]) -> T? {
    try? JSONDecoder().decode(type, from: Data(body))
  }

  static func status(_ body: [UInt8]) -> HDFSFileStatus? { value(HDFSFileStatus.self, "FileStatus", body) }

  static func list(_ body: [UInt8]) -> [HDFSFileStatus]? { value(List.self, "FileStatuses", body)?.FileStatus }

  static func page(_ body: [UInt8]) -> HDFSListingPage? {
    value(Batch.self, "DirectoryListing", body).map {
      HDFSListingPage(entries: $0.partialListing.FileStatuses.FileStatus, remaining: max($0.remainingEntries, 0))
    }
  }

  static func boolean(_ body: [UInt8]) -> Bool? { value(Bool.self, "boolean", body) }

  static func path(_ body: [UInt8]) -> String? { value(String.self, "Path", body) }

  /// The address that a NameNode answers in JSON when it was asked not to redirect, or a gateway always does.
  static func location(_ body: [UInt8]) -> String? { value(String.self, "Location", body) }

  static func writeState(_ body: [UInt8]) -> HDFSWriteState? {
    value(Blocks.self, "LocatedBlocks", body).map { blocks in
      HDFSWriteState(
        length: blocks.fileLength, isUnderConstruction: blocks.isUnderConstruction,
        blockLengths: blocks.locatedBlocks.map(\.block.numBytes))
    }
  }

  static func checksum(_ body: [UInt8]) -> HDFSChecksum? {
    value(Checksum.self, "FileChecksum", body).flatMap { answer in
      guard answer.length >= 0, answer.length <= 1_024 else { return nil }
      // 2.7 prints more digits than the length it tells.
      return HDFSChecksum(algorithm: answer.algorithm, hex: String(answer.bytes.prefix(2 * answer.length)))
    }
  }

  /// Names that come as JSON inside a string: `{"XAttrNames":"[\"user.a\"]"}`.
  static func attributeNames(_ body: [UInt8]) -> [String]? {
    value(String.self, "XAttrNames", body).flatMap { bare([String].self, Array($0.utf8)) }
  }
}

/// The value of one member of an object, chosen by name.
private struct Envelope<T: Decodable>: DecodableWithConfiguration {
  private struct Member: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  let value: T

  init(from decoder: any Decoder, configuration name: String) throws {
    value = try decoder.container(keyedBy: Member.self).decode(T.self, forKey: Member(stringValue: name))
  }
}
