internal import Columnar
internal import Kernels

/// Compares rows by sort keys. Keys of up to 64 bits become unsigned numbers whose order is that of the key.
struct RowOrder: Sendable {
  private enum Key: Sendable {
    case words([UInt64])
    case wides([Int128], isDescending: Bool)
    case strings(ByteStrings, isDescending: Bool)
  }

  private var keys: [(key: Key, valid: [UInt8]?, nullsFirst: Bool)] = []

  init(_ vectors: [(Vector, isDescending: Bool, nullsFirst: Bool)], count: Int) {
    for (vector, isDescending, nullsFirst) in vectors {
      let vector = vector.expanded(to: count)
      let valid = vector.validity.map { unpackFlags($0.words.span, count: $0.count) }
      keys.append((Self.key(vector, isDescending), valid, nullsFirst))
    }
  }

  private static func key(_ vector: Vector, _ isDescending: Bool) -> Key {
    let flip: UInt64 = isDescending ? .max : 0
    switch vector.values {
    case .flags(let list): return .words(mapElements(list) { UInt64($0) ^ flip })
    case .narrow, .ints: return .words(mapElements(vector.ints) { (UInt64(bitPattern: $0) ^ (1 << 63)) ^ flip })
    case .doubles(let list):
      return .words(
        mapElements(list) { value in
          if value.isNaN { return UInt64.max ^ flip }
          let bits = (value == 0 ? 0.0 : value).bitPattern
          return (bits >> 63 == 1 ? ~bits : bits | 1 << 63) ^ flip
        })
    case .wides(let list): return .wides(list, isDescending: isDescending)
    case .intervals(let list): return .wides(list.map(\.approximateMicros), isDescending: isDescending)
    case .bytes, .coded: return .strings(vector.strings, isDescending: isDescending)
    case .other: return .words(Array(repeating: 0, count: vector.storedCount))
    }
  }

  /// Below 0 where row `a` comes before row `b`, 0 where the keys do not say.
  func compare(_ a: Int, _ b: Int) -> Int { compare(a, with: b, of: self) }

  /// The same for a row `b` of another order by the same keys.
  func compare(_ a: Int, with b: Int, of other: RowOrder) -> Int {
    for ((key, valid, nullsFirst), (otherKey, otherValid, _)) in zip(keys, other.keys) {
      let isNull = (valid.map { $0[a] == 0 } ?? false, otherValid.map { $0[b] == 0 } ?? false)
      if isNull.0 || isNull.1 {
        if isNull.0 == isNull.1 { continue }
        return isNull.0 == nullsFirst ? -1 : 1
      }
      switch (key, otherKey) {
      case (.words(let list), .words(let others)):
        if list[a] != others[b] { return list[a] < others[b] ? -1 : 1 }
      case (.wides(let list, let isDescending), .wides(let others, _)):
        if list[a] != others[b] { return (list[a] < others[b]) != isDescending ? -1 : 1 }
      case (.strings(let list, let isDescending), .strings(let others, _)):
        let (left, right) = (list[a], others[b])
        if left == right { continue }
        return left.lexicographicallyPrecedes(right) != isDescending ? -1 : 1
      default: preconditionFailure("keys of one type")
      }
    }
    return 0
  }

  /// The rows in order; those that the keys do not tell apart stay as they are.
  ///
  /// - Parameter check: is called now and then, and ends the sorting by what it throws.
  func sorted(count: Int, _ check: () throws(QueryError) -> Void = {}) throws(QueryError) -> [UInt32] {
    var pieces: [[UInt32]] = []
    var start = 0
    while start < count {
      let end = min(count, start + Self.rowsAtOnce)
      pieces.append(piece(start..<end))
      try check()
      start = end
    }
    // Neighbours are merged, so that rows without an order between them stay as they are.
    while pieces.count > 1 {
      var merged: [[UInt32]] = []
      for index in stride(from: 0, to: pieces.count, by: 2) {
        merged.append(index + 1 < pieces.count ? merge(pieces[index], pieces[index + 1]) : pieces[index])
        try check()
      }
      pieces = merged
    }
    return pieces.first ?? []
  }

  /// The first rows in order, at most `limit`.
  func first(_ limit: Int, of count: Int, _ check: () throws(QueryError) -> Void) throws(QueryError) -> [UInt32] {
    guard limit > 0, limit < count / 4, case .words(let words)? = keys.first?.key, keys[0].valid == nil else {
      return Array(try sorted(count: count, check).prefix(limit))
    }
    // What the first key alone puts behind so many rows is left out before the others are looked at.
    let bound = Self.smallest(limit, of: words)
    var rows: [UInt32] = []
    for row in 0..<count where words[row] <= bound { rows.append(UInt32(row)) }
    try check()
    rows.sort {
      let order = compare(Int($0), Int($1))
      return order == 0 ? $0 < $1 : order < 0
    }
    return Array(rows.prefix(limit))
  }

  /// The greatest of the `limit` smallest numbers, by a heap of these: of numbers without an order few enter it.
  private static func smallest(_ limit: Int, of words: [UInt64]) -> UInt64 {
    // What falls is a heap whose greatest comes first.
    var heap = words[..<limit].sorted(by: >)
    for word in words[limit...] where word < heap[0] {
      var place = 0
      while true {
        var child = 2 * place + 1
        if child + 1 < limit, heap[child + 1] > heap[child] { child += 1 }
        guard child < limit, heap[child] > word else { break }
        heap[place] = heap[child]
        place = child
      }
      heap[place] = word
    }
    return heap[0]
  }

  /// Rows that are sorted without a look at whether anybody still waits for them.
  private static let rowsAtOnce = 1 << 20

  private func piece(_ rows: Range<Int>) -> [UInt32] {
    if let words = onlyWords {
      // One number as the key: rows and keys are sorted together.
      var pairs = rows.map { (key: words[$0], row: UInt32($0)) }
      pairs.sort { $0.key != $1.key ? $0.key < $1.key : $0.row < $1.row }
      return pairs.map(\.row)
    }
    return (UInt32(rows.lowerBound)..<UInt32(rows.upperBound)).sorted {
      let order = compare(Int($0), Int($1))
      return order == 0 ? $0 < $1 : order < 0
    }
  }

  /// The key where it is one number, which every row has.
  private var onlyWords: [UInt64]? {
    if keys.count == 1, case .words(let words) = keys[0].key, keys[0].valid == nil { words } else { nil }
  }

  private func merge(_ first: [UInt32], _ second: [UInt32]) -> [UInt32] {
    var result: [UInt32] = []
    result.reserveCapacity(first.count + second.count)
    var (left, right) = (0, 0)
    while left < first.count, right < second.count {
      if compare(Int(first[left]), Int(second[right])) <= 0 {
        result.append(first[left])
        left += 1
      } else {
        result.append(second[right])
        right += 1
      }
    }
    result += first[left...]
    result += second[right...]
    return result
  }
}

extension Vector {
  /// About how many bytes the values fill.
  var byteCount: Int {
    switch values {
    case .flags(let list): list.count
    case .ints(let list): list.count * 8
    case .narrow(let list): list.count * 4
    case .wides(let list): list.count * 16
    case .doubles(let list): list.count * 8
    case .bytes(let strings): strings.bytes.count + strings.count * 4
    case .coded(let codes, _): codes.count * 4
    case .intervals(let list): list.count * 24
    case .other(let column): column.count * 64
    }
  }
}
