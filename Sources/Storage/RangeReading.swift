/// Ranges of a file that one request fetches together.
struct RangeGroup: Hashable, Sendable {
  /// What is fetched.
  var range: Range<Int64>
  /// Which of the ranges asked for lie in it, by their position.
  var members: [Int]
}

/// Puts ranges that lie close together into one, so that a remote file is asked less often.
///
/// - Parameters:
///   - gap: Unwanted bytes that are fetched rather than asked around.
///   - limit: The longest group made of several ranges.
func coalesce(_ ranges: [Range<Int64>], gap: Int64, limit: Int64) -> [RangeGroup] {
  let order = ranges.indices.sorted { (ranges[$0].lowerBound, $0) < (ranges[$1].lowerBound, $1) }
  var groups: [RangeGroup] = []
  for index in order {
    let range = ranges[index]
    if let last = groups.last, range.lowerBound - last.range.upperBound <= gap,
      max(range.upperBound, last.range.upperBound) - last.range.lowerBound <= limit
    {
      let end = max(range.upperBound, last.range.upperBound)
      groups[groups.count - 1].range = last.range.lowerBound..<end
      groups[groups.count - 1].members.append(index)
    } else {
      groups.append(RangeGroup(range: range, members: [index]))
    }
  }
  return groups
}

extension RandomAccess {
  /// Reads many ranges, those close together by one read, several reads at a time; the answer is in their order.
  ///
  /// - Parameters:
  ///   - gap: Unwanted bytes that are read rather than left out.
  ///   - width: How many reads are under way at a time.
  public func read(
    _ ranges: [Range<Int64>], gap: Int64 = 64 << 10, width: Int = 4
  ) async throws(StorageError) -> [[UInt8]] {
    let groups = coalesce(ranges, gap: max(gap, 0), limit: 16 << 20)
    var parts = [[UInt8]](repeating: [], count: ranges.count)
    do {
      try await withThrowingTaskGroup(of: (Int, [UInt8]).self) { (tasks) in
        for (index, group) in groups.enumerated() {
          if index >= max(width, 1), let done = try await tasks.next() { place(done, groups, ranges, &parts) }
          tasks.addTask { (index, try await read(group.range)) }
        }
        for try await done in tasks { place(done, groups, ranges, &parts) }
      }
    } catch let error as StorageError {
      throw error
    } catch {
      throw StorageError(.failed, path: name, message: "the read was cancelled")
    }
    return parts
  }

  private func place(
    _ done: (Int, [UInt8]), _ groups: [RangeGroup], _ ranges: [Range<Int64>], _ parts: inout [[UInt8]]
  ) {
    let group = groups[done.0]
    for member in group.members {
      let start = Int(ranges[member].lowerBound - group.range.lowerBound)
      parts[member] = Array(done.1[start..<start + ranges[member].count])
    }
  }
}
