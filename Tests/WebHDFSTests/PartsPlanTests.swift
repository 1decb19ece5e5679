import Testing

@testable import WebHDFS

/// Uploads in parts and downloads in pieces, as plans.
struct PartsPlanTests {
  @Test func partsCoverTheFileOnce() {
    for (length, count) in [(Int64(11), 2), (20, 2), (21, 3), (100, 10)] {
      let plan = PartsPlan(length: length, partLength: 10)
      #expect(plan.count == count)
      #expect((0..<count).flatMap { Array(plan.range($0)) } == Array(0..<length))
      #expect(plan.length(joined: 0) == 0 && plan.length(joined: 1) == 10 && plan.length(joined: count) == length)
    }
    #expect(PartsPlan.name(7) == "000007" && PartsPlan.name(1_234_567) == "1234567")
  }

  /// What lies there, and what is to be made of it.
  @Test(
    arguments: [
      ([], PartsPlan.Left()),
      // Parts in any order, beside temporary files.
      ([("000002", 10), ("000000", 10), (".x.tmp", 3)], PartsPlan.Left(joined: 1, parts: [2])),
      // Two are joined; all are joined and only the rename is missing.
      ([("000000", 20), ("000002", 10)], PartsPlan.Left(joined: 2, parts: [2])),
      ([("000000", 35)], PartsPlan.Left(joined: 4)),
      // Of no use: half a part, a part too long, more than all. Unknown names are left alone.
      ([("000000", 15), ("000001", 4), ("000003", 10)], PartsPlan.Left(useless: ["000000", "000001", "000003"])),
      ([("000000", 40), ("000004", 5), ("0001", 10), ("1", 10)], PartsPlan.Left(useless: ["000000"])),
      ([("000000", 0)], PartsPlan.Left(useless: ["000000"])),
    ] as [([(String, Int64)], PartsPlan.Left)])
  func whatIsLeft(_ entries: [(name: String, length: Int64)], _ left: PartsPlan.Left) {
    #expect(PartsPlan(length: 35, partLength: 10).left(entries) == left)
  }

  @Test func batchesFitIntoRequests() {
    let plan = PartsPlan(length: 10_000, partLength: 1)
    for directoryBytes in [10, 300, 7_900] {
      let batches = plan.batches(joined: 5, directoryBytes: directoryBytes)
      #expect(batches.flatMap { Array($0) } == Array(5..<10_000))
      #expect(batches.allSatisfy { $0.count == 1 || $0.count * 3 * (directoryBytes + 8) <= 12_000 })
    }
    #expect(plan.batches(joined: 10_000, directoryBytes: 10).isEmpty)
    #expect(PartsPlan(length: 25, partLength: 10).batches(joined: 0, directoryBytes: 10) == [1..<3])
  }

  @Test func hiddenNamesAreNoLongerThanNamesMayBe() {
    #expect(PartsPlan.directoryName(of: "a b") == ".a b.parts")
    let long = PartsPlan.directoryName(of: String(repeating: "ü", count: 127))
    #expect(long.utf8.count <= 255 && long.hasPrefix(".ü") && long.hasSuffix("ü.parts"))
  }

  // MARK: Downloads

  private func plan(_ blocks: [Int64], _ length: Int64? = nil) -> DownloadPlan {
    DownloadPlan(
      length: length ?? blocks.reduce(0, +), fileID: 7, modificationTime: 9, blockLengths: blocks, smallestPiece: 10)
  }

  @Test(
    arguments: [
      ([], []), ([3], [0..<3]), ([10, 10, 4], [0..<10, 10..<20, 20..<24]), ([4, 4, 4, 4, 4], [0..<12, 12..<20]),
      ([25, 1, 30], [0..<25, 25..<56]),
    ] as [([Int64], [Range<Int64>])])
  func piecesBeginWithBlocks(_ blocks: [Int64], _ ranges: [Range<Int64>]) {
    let pieces = plan(blocks).pieces
    #expect(pieces.map(\.range) == ranges)
    #expect(pieces.flatMap(\.blockLengths) == blocks)
    #expect(pieces.allSatisfy { $0.blockLengths.reduce(0, +) == Int64($0.range.count) })
  }

  @Test(arguments: [[3, 3], [-1, 8], [.max, .max], []] as [[Int64]])
  func blocksThatDoNotMakeUpTheLengthAreOnePiece(_ blocks: [Int64]) {
    #expect(plan(blocks, 7).pieces.map(\.range) == [0..<7])
  }

  @Test func notesAreReadBack() {
    let plan = plan([10, 10, 4])
    #expect(plan.firstNotes.count == plan.noteBytes && plan.noteBytes == 188)
    #expect(plan.arrived(plan.firstNotes) == [0, 0, 0])
    var notes = plan.firstNotes
    let place = Int(plan.notePosition(1) - plan.length)
    notes.replaceSubrange(place..<place + 20, with: plan.note(arrived: 8))
    #expect(plan.arrived(notes) == [0, 8, 0])
    #expect(String(decoding: self.plan([5]).firstNotes.prefix(22), as: UTF8.self) == "hdfs-download 1 5 7 9 ")
  }

  @Test func notesOfAnotherVersionOrDamagedOnesAreNone() {
    let plan = plan([10, 10, 4])
    let notes = plan.firstNotes
    for other in [
      DownloadPlan(length: 24, fileID: 8, modificationTime: 9, blockLengths: [10, 10, 4], smallestPiece: 10),
      DownloadPlan(length: 24, fileID: 7, modificationTime: 10, blockLengths: [10, 10, 4], smallestPiece: 10),
      DownloadPlan(length: 25, fileID: 7, modificationTime: 9, blockLengths: [10, 10, 5], smallestPiece: 10),
      DownloadPlan(length: 24, fileID: 7, modificationTime: 9, blockLengths: [24], smallestPiece: 10),
    ] { #expect(other.arrived(notes) == nil) }
    for index in [0, 127, 128, 147, 187] {
      var damaged = notes
      damaged[index] = UInt8(ascii: "x")
      #expect(plan.arrived(damaged) == nil, "\(index)")
    }
    #expect(plan.arrived(notes.dropLast()) == nil && plan.arrived([]) == nil)
    // More than the piece has.
    #expect(plan.arrived(notes.prefix(168) + plan.note(arrived: 5)) == nil)
    #expect(plan.arrived(notes.prefix(168) + plan.note(arrived: 4)) == [0, 0, 4])
  }

  /// Builders over pieces give the checksum of the whole, and over the whole the same.
  @Test func checksumsOfPiecesAreJoined() {
    let bytes = testBytes(10_000)
    for cuts in [[0, 10_000], [0, 2_048, 10_000], [0, 1_024, 4_096, 10_000], [0, 0]] {
      let pieces = zip(cuts, cuts.dropFirst()).map { (start, end) in
        var builder = HDFSChecksumBuilder(blockSize: 1_024)
        bytes[start..<end].withUnsafeBytes { builder.update($0) }
        return builder
      }
      #expect(
        HDFSChecksumBuilder.joined(pieces)
          == HDFSChecksumBuilder.checksum(of: BytesUpload(Array(bytes[..<(cuts.last ?? 0)])), blockSize: 1_024))
    }
  }
}
