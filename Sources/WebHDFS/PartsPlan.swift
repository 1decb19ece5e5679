/// How a big file goes up in parts that are joined on the server, and what an earlier attempt has left. Pure.
///
///     .NAME.parts/VERSION/000000 ─┐
///     .NAME.parts/VERSION/000001 ─┼─ CONCAT ─▶ 000000 ─ RENAME ─▶ NAME
///     .NAME.parts/VERSION/000002 ─┘
///
/// A part is one block, so that the joined file has the blocks and the checksum of one sent at once. CONCAT empties
/// the parts into the first one, whose length therefore tells how many have been joined.
struct PartsPlan: Equatable {
  /// Bytes of the whole file, more than those of one part.
  let length: Int64
  /// Bytes of a part: a multiple of the block's length, or the whole is not cut as one sent at once.
  var partLength: Int64 = SafeUpload.largestBlock

  /// How many parts there are.
  var count: Int { Int((length + partLength - 1) / partLength) }

  /// The bytes of the file that a part holds.
  func range(_ part: Int) -> Range<Int64> {
    let start = Int64(part) * partLength
    return start..<min(start + partLength, length)
  }

  /// A part's name, which sorts as its number.
  static func name(_ part: Int) -> String {
    let digits = String(part)
    return String(repeating: "0", count: max(6 - digits.count, 0)) + digits
  }

  /// The hidden directory beside a target for the parts of all versions of its content, by the target's name.
  static func directoryName(of name: String) -> String {
    // A name has at most 255 bytes.
    var short = Substring(name)
    while short.utf8.count > 200 { short = short.dropLast() }
    return ".\(short).parts"
  }

  /// What an earlier attempt has left.
  struct Left: Equatable {
    /// How many parts the first file holds already.
    var joined = 0
    /// Other parts that are there.
    var parts: Set<Int> = []
    /// Names of files that are of no use.
    var useless: [String] = []
  }

  /// Reads the directory of the parts; temporary files of parts are no business of this plan.
  func left(_ entries: [(name: String, length: Int64)]) -> Left {
    var left = Left()
    for (name, length) in entries {
      guard let part = Int(name), (0..<count).contains(part), name == Self.name(part) else { continue }
      if part == 0 {
        left.joined = joined(length)
        if left.joined == 0 { left.useless.append(name) }
      } else if length == Int64(range(part).count) {
        left.parts.insert(part)
      } else {
        left.useless.append(name)
      }
    }
    left.parts = left.parts.filter { $0 >= left.joined }
    return left
  }

  /// How many parts a first file of a length holds; 0 when it is of no use.
  private func joined(_ held: Int64) -> Int {
    if held == length { return count }
    return held > 0 && held < length && held % partLength == 0 ? Int(held / partLength) : 0
  }

  /// The length of the first file once so many parts are joined.
  func length(joined parts: Int) -> Int64 { parts == 0 ? 0 : range(parts - 1).upperBound }

  /// The parts that are still to be joined, cut so that the names of each batch fit into one request.
  func batches(joined: Int, directoryBytes: Int) -> [Range<Int>] {
    // A server takes request lines of some ten thousand bytes; every byte of a name may need three.
    let perBatch = max(12_000 / (3 * (directoryBytes + 8)), 1)
    return stride(from: max(joined, 1), to: count, by: perBatch).map { $0..<min($0 + perBatch, count) }
  }
}
