import Storage
import Testing

@testable import Delta

/// A listing of these names, each with its position as time.
func listing(_ names: [String], size: Int64 = 1) -> LogListing {
  LogListing(
    names.enumerated().map { index, name in
      FileStatus(path: "_delta_log/\(name)", size: size, isDirectory: false, modificationTime: Int64(index))
    })
}

private func entry(_ version: Int64) -> String { LogFileName.digits(version) + ".json" }
private func checkpoint(_ version: Int64) -> String { LogFileName.digits(version) + ".checkpoint.parquet" }
private func part(_ version: Int64, _ part: Int64, _ total: Int64) -> String {
  "\(LogFileName.digits(version)).checkpoint.\(LogFileName.digits(part, width: 10))."
    + "\(LogFileName.digits(total, width: 10)).parquet"
}

@Suite("Names in the log")
struct LogListingTests {
  @Test(
    "names of checkpoints",
    arguments: [
      (checkpoint(3), .checkpoint(version: 3)), (part(3, 1, 2), .checkpointPart(version: 3, part: 1, of: 2)),
      ("00000000000000000003.checkpoint.80a083e8.json", .checkpointV2(version: 3)),
      ("00000000000000000003.checkpoint.80a083e8.parquet", .checkpointV2(version: 3)),
      ("09223372036854775807.json", nil), (part(3, 3, 2), nil), (part(3, 0, 2), nil), (part(3, 1, 99_999), nil),
      ("00000000000000000003.crc", nil),
      ("00000000000000000003.00000000000000000005.compacted.json", nil), ("_last_checkpoint", nil), ("", nil),
      ("00000000000000000003.checkpoint.parquet.tmp", nil), (".00000000000000000003.json.tmp", nil),
    ] as [(String, LogFileName?)])
  func names(name: String, meaning: LogFileName?) {
    #expect(LogFileName(name) == meaning)
  }

  @Test("paths of checkpoints are their names", arguments: [nil, 1, 12] as [Int?])
  func paths(parts: Int?) {
    let name = CheckpointName(version: 7, parts: parts)
    #expect(name.paths.count == parts ?? 1)
    let names = name.paths.map { LogFileName($0.split(separator: "/")[1]) }
    if let parts {
      #expect(names == (1...parts).map { .checkpointPart(version: 7, part: $0, of: parts) })
    } else {
      #expect(names == [.checkpoint(version: 7)])
    }
  }

  @Test("a checkpoint in parts counts when every part is there, and none that is empty")
  func whole() {
    #expect(
      listing([part(3, 1, 2), part(5, 1, 2), part(5, 2, 2)]).checkpoints == [CheckpointName(version: 5, parts: 2)])
    #expect(listing([checkpoint(3)], size: 0).checkpoints == [])
    let both = listing([checkpoint(5), part(5, 1, 1), checkpoint(2)])
    #expect(both.checkpoints(upTo: nil).map(\.version) == [5, 5, 2])
    #expect(both.checkpoints(upTo: 4).map(\.version) == [2])
    #expect(both.checkpoints(upTo: nil).first?.parts == nil)
  }

  @Test(
    "entries that readers still reach",
    arguments: [
      ([entry(0), entry(1), entry(2)], [0, 1, 2]),
      ([entry(3), entry(4)], []),
      ([entry(3), checkpoint(3), entry(4)], [3, 4]),
      ([checkpoint(3), entry(4)], [4]),
      // Remains of a clean-up, and an entry that a sleeper put into a hole.
      ([entry(0), entry(2), entry(6), entry(7), checkpoint(7), entry(8)], [7, 8]),
      ([entry(0), entry(1), entry(2), checkpoint(2), entry(3)], [0, 1, 2, 3]),
    ] as [([String], [Int64])])
  func reachable(names: [String], versions: [Int64]) {
    #expect(listing(names).reachable.map(\.version) == versions)
  }
}

@Suite("The pointer to the last checkpoint")
struct LastCheckpointTests {
  @Test("it survives a round trip, with parts and without", arguments: [nil, 4] as [Int?])
  func roundTrip(parts: Int?) {
    let pointer = LastCheckpoint(name: CheckpointName(version: 100, parts: parts), size: 7)
    #expect(LastCheckpoint(pointer.bytes) == pointer)
    if parts == nil { #expect(String(decoding: pointer.bytes, as: UTF8.self) == #"{"version":100,"size":7}"#) }
  }

  @Test(
    "one that is torn or of another kind is none",
    arguments: [
      "", "{", #"{"version":100"#, "[]", "7", #"{"size":3}"#, #"{"version":-1,"size":3}"#, #"{"version":"x"}"#,
      #"{"version":1,"parts":0}"#, #"{"version":1,"parts":1000000000}"#, #"{"version":1,"v2Checkpoint":{"path":"x"}}"#,
    ])
  func torn(text: String) {
    #expect(LastCheckpoint(Array(text.utf8)) == nil)
  }

  @Test("pointers of other engines, with more in them, are read")
  func foreign() {
    let text =
      #"{"version":20,"size":9,"sizeInBytes":11,"numOfAddFiles":2,"checkpointSchema":{"type":"struct"},"checksum":"x"}"#
    #expect(LastCheckpoint(Array(text.utf8))?.name == CheckpointName(version: 20, parts: nil))
  }
}
