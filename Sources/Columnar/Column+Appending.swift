extension Column {
  /// Rows of a type, none of which has a value.
  public static func nulls(_ type: DataType, count: Int) -> Column {
    let none = Bitmap(repeating: false, count: count)
    return Column(type: type, values: ColumnValues.zeros(type, count: count), validity: none)
  }

  /// Adds the rows of another column behind these; amortised linear in the rows added. Dictionaries are given up.
  ///
  /// - Returns: whether both are laid out alike; if not, nothing was added.
  public mutating func append(_ other: Column) -> Bool {
    let before = count
    guard values.append(other.values) else { return false }
    guard validity != nil || other.validity != nil else { return true }
    var bits = validity ?? Bitmap(repeating: true, count: before)
    validity = nil
    if let added = other.validity {
      bits.append(added, range: 0..<added.count)
    } else {
      bits.append(repeating: true, count: other.count)
    }
    validity = bits
    return true
  }

  /// Bytes that the rows take in memory, approximately.
  public var byteCount: Int { values.byteCount + (validity?.words.count ?? 0) * 8 }
}

extension ColumnValues {
  /// Values that mean nothing, laid out as a type by habit is.
  fileprivate static func zeros(_ type: DataType, count: Int) -> ColumnValues {
    switch type {
    case .boolean: return .boolean(Bitmap(repeating: false, count: count))
    case .float: return .float(Array(repeating: 0, count: count))
    case .double: return .double(Array(repeating: 0, count: count))
    case .null, .date, .time(.milliseconds, _): return .int32(Array(repeating: 0, count: count))
    case .int(let bits), .unsigned(let bits):
      return bits > 32 ? .int64(Array(repeating: 0, count: count)) : .int32(Array(repeating: 0, count: count))
    case .decimal(let precision, _) where precision <= 9: return .int32(Array(repeating: 0, count: count))
    case .decimal(let precision, _) where precision <= 18: return .int64(Array(repeating: 0, count: count))
    case .time, .timestamp: return .int64(Array(repeating: 0, count: count))
    case .float16: return .fixed(width: 2, Array(repeating: 0, count: 2 * count))
    case .int96, .interval: return .fixed(width: 12, Array(repeating: 0, count: 12 * count))
    case .uuid, .decimal: return .fixed(width: 16, Array(repeating: 0, count: 16 * count))
    case .fixedBinary(let width): return .fixed(width: width, Array(repeating: 0, count: width * count))
    case .string, .enumeration, .json, .bson, .binary:
      return .bytes(ByteStrings(offsets: Array(repeating: 0, count: count + 1)))
    case .structure(let fields): return .structure(fields.map { .nulls($0.type, count: count) }, count: count)
    case .list(let item):
      return .list(offsets: Array(repeating: 0, count: count + 1), items: .nulls(item.type, count: 0))
    case .map(let key, let value):
      let pairs = Column(
        type: .structure([key, value]),
        values: .structure([.nulls(key.type, count: 0), .nulls(value.type, count: 0)], count: 0))
      return .list(offsets: Array(repeating: 0, count: count + 1), items: pairs)
    }
  }

  /// Each payload is taken out before it grows, so that it is not copied.
  fileprivate mutating func append(_ other: ColumnValues) -> Bool {
    switch (self, other) {
    case (.boolean(var bits), .boolean(let added)):
      self = .boolean(Bitmap())
      bits.append(added, range: 0..<added.count)
      self = .boolean(bits)
    case (.int32(var list), .int32(let added)):
      self = .int32([])
      list += added
      self = .int32(list)
    case (.int64(var list), .int64(let added)):
      self = .int64([])
      list += added
      self = .int64(list)
    case (.float(var list), .float(let added)):
      self = .float([])
      list += added
      self = .float(list)
    case (.double(var list), .double(let added)):
      self = .double([])
      list += added
      self = .double(list)
    case (.bytes(var strings), .bytes(let added)):
      guard strings.bytes.count + added.bytes.count <= Int(Int32.max) else { return false }
      self = .bytes(ByteStrings())
      strings.append(contentsOf: added)
      self = .bytes(strings)
    case (.fixed(let width, var bytes), .fixed(let addedWidth, let added)) where width == addedWidth:
      self = .fixed(width: width, [])
      bytes += added
      self = .fixed(width: width, bytes)
    case (.dictionary, _):
      var dense = withoutDictionary()
      guard dense.append(other) else { return false }
      self = dense
    case (_, .dictionary): return append(other.withoutDictionary())
    default: return appendNested(other)
    }
    return true
  }

  private mutating func appendNested(_ other: ColumnValues) -> Bool {
    switch (self, other) {
    case (.list(var offsets, var items), .list(let addedOffsets, let added)):
      let (first, last) = (addedOffsets.first ?? 0, addedOffsets.last ?? 0)
      let end = offsets.last ?? 0
      guard Int(end) + Int(last - first) <= Int(Int32.max) else { return false }
      // Items behind the last row's end would come to lie between the rows.
      if items.count > Int(end) { items = items.sliced(0..<Int(end)) }
      guard items.append(added.sliced(Int(first)..<Int(last))) else { return false }
      offsets += addedOffsets.dropFirst().map { $0 - first + end }
      self = .list(offsets: offsets, items: items)
    case (.structure(var columns, let count), .structure(let added, let more)):
      guard columns.count == added.count else { return false }
      for index in columns.indices {
        guard columns[index].append(added[index]) else { return false }
      }
      self = .structure(columns, count: count + more)
    default: return false
    }
    return true
  }

  fileprivate var byteCount: Int {
    switch self {
    case .boolean(let bits): bits.words.count * 8
    case .int32(let list): list.count * 4
    case .int64(let list): list.count * 8
    case .float(let list): list.count * 4
    case .double(let list): list.count * 8
    case .bytes(let strings): strings.bytes.count + strings.offsets.count * 4
    case .fixed(_, let bytes): bytes.count
    case .dictionary(let codes, let values): codes.count * 4 + values.byteCount
    case .list(let offsets, let items): offsets.count * 4 + items.byteCount
    case .structure(let columns, _): columns.reduce(0) { $0 + $1.byteCount }
    }
  }
}

extension ByteStrings {
  /// Adds all values of another sequence; amortised linear in what is added.
  ///
  /// - Precondition: all values together stay below 2 GiB.
  public mutating func append(contentsOf other: ByteStrings) {
    let first = other.offsets[0]
    let shift = Int32(bytes.count) - first
    bytes += other.bytes[Int(first)..<Int(other.offsets[other.count])]
    offsets.reserveCapacity(offsets.count + other.count)
    for end in other.offsets.dropFirst() { offsets.append(end + shift) }
  }
}
