internal import Columnar

extension Vector {
  /// Vectors of one type, one behind the other; `counts` says how many rows each stands for.
  static func joined(_ parts: [Vector], counts: [Int], type: SQLType) throws(QueryError) -> Vector {
    if parts.count == 1 { return parts[0].expanded(to: counts[0]) }
    let parts = zip(parts, counts).filter { $1 > 0 }.map { $0.expanded(to: $1) }
    guard let first = parts.first else { return Vector.null(type).expanded(to: 0) }
    if parts.count == 1 { return first }
    var validity: Bitmap?
    if parts.contains(where: { $0.validity != nil }) {
      var bits = Bitmap()
      for part in parts {
        if let own = part.validity {
          bits.append(own, range: 0..<own.count)
        } else {
          bits.append(repeating: true, count: part.storedCount)
        }
      }
      validity = bits
    }
    return Vector(type, try values(parts, type), validity: validity)
  }

  private static func values(_ parts: [Vector], _ type: SQLType) throws(QueryError) -> Values {
    switch parts[0].values {
    case .flags: return .flags(parts.flatMap(\.flags))
    case .ints: return .ints(parts.flatMap(\.ints))
    case .narrow:
      let lists = parts.compactMap { part -> [Int32]? in
        if case .narrow(let list) = part.values { return list }
        return nil
      }
      return lists.count == parts.count ? .narrow(lists.flatMap(\.self)) : .ints(parts.flatMap(\.ints))
    case .wides: return .wides(parts.flatMap(\.wides))
    case .doubles: return .doubles(parts.flatMap(\.doubles))
    case .intervals: return .intervals(parts.flatMap(\.intervals))
    case .bytes, .coded: return try strings(parts)
    case .other(let first):
      let columns = parts.compactMap { part -> Column? in
        if case .other(let column) = part.values { return column }
        return nil
      }
      return .other(columns.dropFirst().reduce(first.withoutDictionary()) { $0.joined(with: $1.withoutDictionary()) })
    }
  }

  private static func strings(_ parts: [Vector]) throws(QueryError) -> Values {
    // Batches that share their dictionary keep it.
    if case .coded(_, let dictionary) = parts[0].values {
      let lists = parts.compactMap { part -> [Int32]? in
        if case .coded(let codes, let other) = part.values, other === dictionary { return codes }
        return nil
      }
      if lists.count == parts.count { return .coded(lists.flatMap(\.self), dictionary) }
    }
    var result = ByteStrings()
    for part in parts {
      let strings = part.strings
      let start = Int32(result.bytes.count)
      guard result.bytes.count + strings.bytes.count <= Int(Int32.max) else {
        throw QueryError(.limit, "a column of texts fills more than 2 GiB")
      }
      result.bytes += strings.bytes
      result.offsets += strings.offsets.dropFirst().map { $0 + start }
    }
    return .bytes(result)
  }
}

extension Column {
  /// Rows of another column of the same type behind those of this one; both without dictionaries.
  fileprivate func joined(with other: Column) -> Column {
    var bits: Bitmap?
    if validity != nil || other.validity != nil {
      var all = validity ?? Bitmap(repeating: true, count: count)
      let more = other.validity ?? Bitmap(repeating: true, count: other.count)
      all.append(more, range: 0..<more.count)
      bits = all
    }
    return Column(type: type, values: values.joined(with: other.values), validity: bits)
  }
}

extension ColumnValues {
  fileprivate func joined(with other: ColumnValues) -> ColumnValues {
    switch (self, other) {
    case (.boolean(var bits), .boolean(let more)):
      bits.append(more, range: 0..<more.count)
      return .boolean(bits)
    case (.int32(let list), .int32(let more)): return .int32(list + more)
    case (.int64(let list), .int64(let more)): return .int64(list + more)
    case (.float(let list), .float(let more)): return .float(list + more)
    case (.double(let list), .double(let more)): return .double(list + more)
    case (.fixed(let width, let list), .fixed(_, let more)): return .fixed(width: width, list + more)
    case (.bytes(let strings), .bytes(let more)):
      let start = Int32(strings.bytes.count)
      return .bytes(
        ByteStrings(
          offsets: strings.offsets + more.offsets.dropFirst().map { $0 + start }, bytes: strings.bytes + more.bytes))
    case (.list(let offsets, let items), .list(let more, let moreItems)):
      let own = items.sliced(Int(offsets[0])..<Int(offsets[offsets.count - 1]))
      let theirs = moreItems.sliced(Int(more[0])..<Int(more[more.count - 1]))
      let base = offsets.map { $0 - offsets[0] }
      let start = base[base.count - 1]
      return .list(offsets: base + more.dropFirst().map { $0 - more[0] + start }, items: own.joined(with: theirs))
    case (.structure(let columns, let count), .structure(let more, let moreCount)):
      return .structure(zip(columns, more).map { $0.joined(with: $1) }, count: count + moreCount)
    default: preconditionFailure("columns of one type have one layout")
    }
  }
}

extension Batch {
  /// All rows of batches, each with an element of its own in every column.
  static func whole(_ batches: [Batch], types: [SQLType]) throws(QueryError) -> Batch {
    if batches.isEmpty { return Batch(columns: types.map { Vector.null($0).expanded(to: 0) }, count: 0) }
    var batch = try joined(batches, types: types)
    batch.columns = batch.columns.map { $0.expanded(to: batch.count) }
    return batch
  }

  /// Batches of the same columns as one.
  static func joined(_ batches: [Batch], types: [SQLType]) throws(QueryError) -> Batch {
    if batches.count == 1 { return batches[0] }
    let counts = batches.map(\.count)
    var columns: [Vector] = []
    for (index, type) in types.enumerated() {
      columns.append(try Vector.joined(batches.map { $0.columns[index] }, counts: counts, type: type))
    }
    return Batch(columns: columns, count: counts.reduce(0, +))
  }
}
