/// How a file comes from HDFS in pieces, and how it is remembered which bytes have arrived. Pure.
///
/// Until a download is complete its notes lie behind the content, from the file's length on:
///
///     content, with holes │ header, 128 bytes │ arrived of piece 0, 20 bytes │ arrived of piece 1 │ …
///
/// The header is `hdfs-download 1 LENGTH INODE MODIFIED`, the rest decimal numbers; each is filled up with spaces and
/// ends with a line feed. The inode's number and the time of change tell whether the source is still the same.
/// Worked example: of a file of 5 bytes, inode 7, changed at 9, of which 3 have arrived, bytes 5..<133 are
/// `hdfs-download 1 5 7 9` and 106 spaces and a line feed, bytes 133..<153 are `3`, 18 spaces and a line feed.
package struct DownloadPlan: Hashable, Sendable {
  /// Bytes of the file.
  package let length: Int64
  /// The inode's number.
  package let fileID: Int64
  /// When the source was changed, in milliseconds.
  package let modificationTime: Int64
  /// The pieces in order; each begins where a block of HDFS begins.
  package let pieces: [Piece]

  /// A run of blocks that one request brings.
  package struct Piece: Hashable, Sendable {
    /// The bytes of the file.
    package var range: Range<Int64>
    /// The lengths of its blocks.
    package var blockLengths: [Int64]
  }

  /// Pieces are not smaller than this, so that a request is worth its way.
  package static let smallestPiece: Int64 = 64 << 20
  static let headerBytes = 128
  static let recordBytes = 20

  /// - Parameter blockLengths: The file's blocks; where they do not make up its length it is one piece.
  package init(
    length: Int64, fileID: Int64, modificationTime: Int64, blockLengths: [Int64],
    smallestPiece: Int64 = DownloadPlan.smallestPiece
  ) {
    self.length = length
    self.fileID = fileID
    self.modificationTime = modificationTime
    var pieces: [Piece] = []
    var start: Int64 = 0
    for block in blockLengths {
      let (end, isTooFar) = start.addingReportingOverflow(block)
      guard block >= 0, !isTooFar else { break }
      if let last = pieces.last, Int64(last.range.count) < smallestPiece {
        pieces[pieces.count - 1].range = last.range.lowerBound..<end
        pieces[pieces.count - 1].blockLengths.append(block)
      } else {
        pieces.append(Piece(range: start..<end, blockLengths: [block]))
      }
      start = end
    }
    self.pieces = start == length ? pieces : [Piece(range: 0..<length, blockLengths: blockLengths)]
  }

  /// Bytes of the notes.
  package var noteBytes: Int { Self.headerBytes + pieces.count * Self.recordBytes }

  /// Where the note of a piece lies in the local file.
  package func notePosition(_ piece: Int) -> Int64 { length + Int64(Self.headerBytes + piece * Self.recordBytes) }

  /// The notes of a download that begins.
  package var firstNotes: [UInt8] {
    Self.line("hdfs-download 1 \(length) \(fileID) \(modificationTime)", Self.headerBytes)
      + pieces.flatMap { _ in note(arrived: 0) }
  }

  /// The note that says how many bytes of a piece have arrived.
  package func note(arrived: Int64) -> [UInt8] { Self.line(String(arrived), Self.recordBytes) }

  /// Reads notes; `nil` where they are those of another file, another version of it, or none.
  package func arrived(_ notes: [UInt8]) -> [Int64]? {
    guard notes.count == noteBytes, notes.prefix(Self.headerBytes) == firstNotes.prefix(Self.headerBytes) else {
      return nil
    }
    var arrived: [Int64] = []
    for (index, piece) in pieces.enumerated() {
      let record = notes.dropFirst(Self.headerBytes + index * Self.recordBytes).prefix(Self.recordBytes)
      let digits = String(decoding: record.prefix { $0 != UInt8(ascii: " ") }, as: UTF8.self)
      guard let value = Int64(digits), (0...Int64(piece.range.count)).contains(value),
        Array(record) == note(arrived: value)
      else { return nil }
      arrived.append(value)
    }
    return arrived
  }

  private static func line(_ text: String, _ bytes: Int) -> [UInt8] {
    let text = Array(text.utf8.prefix(bytes - 1))
    return text + [UInt8](repeating: UInt8(ascii: " "), count: bytes - 1 - text.count) + [UInt8(ascii: "\n")]
  }
}
