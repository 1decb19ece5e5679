internal import Columnar
internal import Kernels

/// Functions of lists.
struct ListFunctions {
  private let type: SQLType
  private let arguments: [Vector]
  private let count: Int
  private let offsets: [Int32]
  private let items: Vector
  private let validity: Bitmap?

  /// - Parameter arguments: the first is the list.
  init?(_ arguments: [Vector], _ type: SQLType, _ count: Int) throws(QueryError) {
    let list = arguments[0].expanded(to: count)
    guard case .other(let column) = list.values, case .list(let offsets, let items) = column.values else { return nil }
    self.type = type
    self.arguments = arguments.map { $0.expanded(to: count).withoutCodes }
    self.count = count
    self.offsets = offsets
    self.items = items.count == 0 ? Vector.null(SQLType(items.type)).expanded(to: 0) : try Vector(items).withoutCodes
    validity = Vector.validity(of: self.arguments, count: count)
  }

  static func apply(
    _ function: ScalarFunction, _ arguments: [Vector], _ type: SQLType, _ count: Int
  ) throws(QueryError) -> Vector {
    guard let own = try ListFunctions(arguments, type, count) else { return Vector.null(type) }
    switch function {
    case .list_contains, .list_position: return try own.search(isPosition: function == .list_position)
    case .list_slice: return try own.slices()
    case .list_reverse: return try own.picked { $0.reversed().map { UInt32($0) } }
    case .list_sort, .list_reverse_sort: return try own.sorted(isDescending: function == .list_reverse_sort)
    case .list_distinct: return try own.distinct()
    case .list_concat: return try own.concatenated()
    case .array_to_string: return try own.text()
    default: throw QueryError(.notSupported, "the function \(function.rawValue)")
    }
  }

  /// An aggregate of the items of each list.
  static func aggregate(
    _ call: AggregateCall, _ list: Vector, _ type: SQLType, _ count: Int
  ) throws(QueryError) -> Vector {
    guard let own = try ListFunctions([list], type, count) else { return Vector.null(type) }
    let state = AggregateState.make(call)
    state.grow(to: count)
    var rows: [UInt32] = []
    var groups: [UInt32] = []
    var sizes = [Int64](repeating: 0, count: count)
    for row in 0..<count {
      for place in own.places(row) where call.neededValues == 0 || own.items.isValid(place) {
        rows.append(UInt32(place))
        groups.append(UInt32(row))
        sizes[row] += 1
      }
    }
    if !rows.isEmpty {
      let argument = try Casting.cast(
        own.items.taking(rows), to: call.arguments.first?.type ?? own.items.type, isTry: false, count: rows.count)
      try state.update([argument], groups: groups, order: rows.map { UInt64($0) })
    }
    var result = try state.finish(Array(0..<UInt32(count)), rows: sizes).expanded(to: count)
    result.validity = Bitmap.both(result.validity, own.validity)
    return result
  }

  /// Where the items of a row's list are; none for a row without one.
  private func places(_ row: Int) -> Range<Int> {
    guard validity?[row] ?? true else { return 0..<0 }
    return Int(offsets[row])..<Int(offsets[row + 1])
  }

  /// Whether, or from 1 on where, the second argument is among the items.
  private func search(isPosition: Bool) throws(QueryError) -> Vector {
    var rows: [UInt32] = []
    var owners: [UInt32] = []
    for row in 0..<count {
      for place in places(row) {
        rows.append(UInt32(place))
        owners.append(UInt32(row))
      }
    }
    let same = Comparison.apply(.equal, items.taking(rows), arguments[1].taking(owners), count: rows.count)
    var found = [Int64](repeating: 0, count: count)
    for index in same.truePositions(count: rows.count) {
      let row = Int(owners[Int(index)])
      if found[row] == 0 { found[row] = Int64(rows[Int(index)]) - Int64(offsets[row]) + 1 }
    }
    if !isPosition { return Vector(type, .flags(mapElements(found) { flag($0 != 0) }), validity: validity) }
    let isFound = Bitmap(found.lazy.map { $0 != 0 })
    return Vector(type, .ints(found), validity: Bitmap.both(validity, isFound))
  }

  /// Lists of some of the items of each.
  private func picked(_ body: (Range<Int>) throws(QueryError) -> [UInt32]) throws(QueryError) -> Vector {
    var rows: [UInt32] = []
    var ends: [Int32] = [0]
    for row in 0..<count {
      rows += try body(places(row))
      guard let end = Int32(exactly: rows.count) else {
        throw QueryError(.limit, "lists of more than 2 billion items")
      }
      ends.append(end)
    }
    return made(items.taking(rows), ends)
  }

  private func made(_ items: Vector, _ ends: [Int32]) -> Vector {
    guard case .other(let dataType) = type, case .list(let field) = dataType else { return .null(type) }
    return Vector(
      type,
      .other(
        Column(type: dataType, values: .list(offsets: ends, items: items.column(field.type)), validity: validity)),
      validity: validity)
  }

  /// `list[low:high]`, both counted from 1 or, where negative, from the end, and both within.
  private func slices() throws(QueryError) -> Vector {
    var row = -1
    let (lows, highs) = (arguments[1].ints, arguments[2].ints)
    return try picked { places throws(QueryError) in
      row += 1
      let kept = Slicing.range(lows[row], highs[row], of: places.count)
      return kept.map { UInt32(places.lowerBound + $0) }
    }
  }

  private func sorted(isDescending: Bool) throws(QueryError) -> Vector {
    let order = RowOrder([(items, isDescending, false)], count: items.storedCount)
    return try picked { places throws(QueryError) in
      places.map { UInt32($0) }.sorted { a, b in
        let comparison = order.compare(Int(a), Int(b))
        return comparison == 0 ? a < b : comparison < 0
      }
    }
  }

  /// Each value once, as it first occurs; nulls are left out.
  private func distinct() throws(QueryError) -> Vector {
    try picked { places throws(QueryError) in
      var seen: Set<Value> = []
      return places.filter { items.isValid($0) && seen.insert(items.value(at: $0)).inserted }.map { UInt32($0) }
    }
  }

  /// The items of two lists; a missing list has none.
  private func concatenated() throws(QueryError) -> Vector {
    var first = self.arguments[0]
    var second = self.arguments[1]
    let neither = (0..<count).map { first.isValid($0) || second.isValid($0) }
    first.validity = nil
    second.validity = nil
    guard let a = try ListFunctions([first], type, count), let b = try ListFunctions([second], type, count) else {
      return Vector.null(type)
    }
    let both = try Vector.joined(
      [a.items, b.items], counts: [a.items.storedCount, b.items.storedCount], type: a.items.type)
    var rows: [UInt32] = []
    var ends: [Int32] = [0]
    for row in 0..<count {
      if arguments[0].isValid(row) { rows += a.places(row).map { UInt32($0) } }
      if arguments[1].isValid(row) { rows += b.places(row).map { UInt32($0 + a.items.storedCount) } }
      guard let end = Int32(exactly: rows.count) else { throw QueryError(.limit, "lists of more than 2 billion items") }
      ends.append(end)
    }
    var result = made(both.taking(rows), ends)
    result.validity = neither.contains(false) ? Bitmap(neither) : nil
    return result
  }

  /// The items, which are texts, with a text between them; nulls are left out.
  private func text() throws(QueryError) -> Vector {
    let strings = items.strings
    let separators = arguments[1].strings
    var result = ByteStrings()
    for row in 0..<count {
      var text: [UInt8] = []
      var isFirst = true
      for place in places(row) where items.isValid(place) {
        if !isFirst { text += separators[row] }
        text += strings[place]
        isFirst = false
        guard text.count <= ScalarFunction.longestText else {
          throw QueryError(.limit, "a text of more than \(ScalarFunction.longestText) bytes")
        }
      }
      result.append(text)
      guard result.bytes.count < 1 << 30 else { throw QueryError(.limit, "texts of more than 1 GiB in one batch") }
    }
    return Vector(.text, .bytes(result), validity: validity)
  }
}

/// Parts of lists and texts.
enum Slicing {
  /// The places, from 0 on, of the items from one to another, both counted from 1 or, where negative, from the end.
  static func range(_ low: Int64, _ high: Int64, of count: Int) -> Range<Int> {
    let total = Int64(count)
    func place(_ written: Int64) -> Int64 { written < 0 ? total + max(written, -1 << 40) + 1 : min(written, 1 << 40) }
    let first = max(place(low), 1)
    let last = min(place(high), total)
    return first <= last ? Int(first - 1)..<Int(last) : 0..<0
  }
}
