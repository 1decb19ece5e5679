/// Which byte ranges of a file to ask for, so that the wanted column chunks lie in few and not too large requests.
struct ReadPlan {
  /// One request, and the chunks that lie in it.
  struct Request: Hashable {
    var range: Range<Int64>
    /// Positions in the list of wanted chunks.
    var chunks: [Int]
  }

  /// Bytes between two chunks that are cheaper to read than to skip.
  static let gap: Int64 = 32 << 10
  /// Bytes beyond which chunks are not joined.
  static let largest: Int64 = 64 << 20

  /// Joins neighbouring ranges; pure, linear after sorting.
  static func requests(for ranges: [Range<Int64>]) -> [Request] {
    var requests: [Request] = []
    for index in ranges.indices.sorted(by: { ranges[$0].lowerBound < ranges[$1].lowerBound }) {
      let range = ranges[index]
      if let last = requests.last, range.lowerBound - last.range.upperBound <= gap,
        max(range.upperBound, last.range.upperBound) - last.range.lowerBound <= largest
      {
        let joined = last.range.lowerBound..<max(last.range.upperBound, range.upperBound)
        requests[requests.count - 1] = Request(range: joined, chunks: last.chunks + [index])
      } else {
        requests.append(Request(range: range, chunks: [index]))
      }
    }
    return requests
  }
}
