internal import Columnar
internal import Kernels

/// Compares rows by sort keys. Keys of up to 64 bits become unsigned numbers whose order is that of the key.
struct RowOrder {
  private enum Key {
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
  func compare(_ a: Int, _ b: Int) -> Int {
    for (key, valid, nullsFirst) in keys {
      if let valid, valid[a] == 0 || valid[b] == 0 {
        if valid[a] == valid[b] { continue }
        return (valid[a] == 0) == nullsFirst ? -1 : 1
      }
      switch key {
      case .words(let list):
        if list[a] != list[b] { return list[a] < list[b] ? -1 : 1 }
      case .wides(let list, let isDescending):
        if list[a] != list[b] { return (list[a] < list[b]) != isDescending ? -1 : 1 }
      case .strings(let list, let isDescending):
        let (left, right) = (list[a], list[b])
        if left == right { continue }
        return left.lexicographicallyPrecedes(right) != isDescending ? -1 : 1
      }
    }
    return 0
  }

  /// The rows in order; those that the keys do not tell apart stay as they are.
  func sorted(count: Int) -> [UInt32] {
    if keys.count == 1, case .words(let words) = keys[0].key, keys[0].valid == nil {
      // One number as the key: rows and keys are sorted together.
      var pairs = words.enumerated().map { (key: $1, row: UInt32($0)) }
      pairs.sort { $0.key != $1.key ? $0.key < $1.key : $0.row < $1.row }
      return pairs.map(\.row)
    }
    return (0..<UInt32(count)).sorted {
      let order = compare(Int($0), Int($1))
      return order == 0 ? $0 < $1 : order < 0
    }
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
