internal import Columnar
internal import Kernels

/// Numbers the distinct values of one key column, in the order in which they first occur. Number 0 is that of null.
struct KeyNumbering {
  let type: SQLType
  /// 64-bit patterns, for the layouts that have one.
  private var patternNumbers = PatternNumbering()
  /// Strings and their numbers, counted from 0.
  private var strings = StringNumbering()
  /// The numbers of the codes of the dictionary at hand.
  private var dictionary: TextDictionary?
  private var codeNumbers: [UInt32] = []
  /// Values without a pattern of 64 bits.
  private var others: [Scalar] = []
  private var otherNumbers: [Scalar: UInt32] = [:]
  private var wides: [Int128] = []
  private var wideNumbers: [Int128: UInt32] = [:]
  private var intervals: [Interval] = []

  init(type: SQLType) { self.type = type }

  /// How many numbers are in use, that of null included.
  var count: Int {
    switch type.layout {
    case .bytes: strings.keys.count + 1
    case .other: others.count + 1
    case .wide, .interval: wides.count + 1
    default: patternNumbers.keys.count + 1
    }
  }

  /// The number of each row's value.
  mutating func number(_ vector: Vector, count: Int) throws(QueryError) -> [UInt32] {
    var numbers = try numberAll(vector)
    if let validity = vector.validity {
      let valid = unpackFlags(validity.words.span, count: validity.count)
      numbers = zipElements(numbers, valid, count: numbers.count) { $1 == 0 ? 0 : $0 }
    }
    return vector.isConstant && numbers.count != count ? Array(repeating: numbers[0], count: count) : numbers
  }

  private mutating func numberAll(_ vector: Vector) throws(QueryError) -> [UInt32] {
    switch vector.values {
    case .flags(let list): return patterns(mapElements(list) { UInt64($0) }, vector.validity)
    case .narrow(let list): return patterns(mapElements(list) { UInt64(bitPattern: Int64($0)) }, vector.validity)
    case .ints(let list): return patterns(mapElements(list) { UInt64(bitPattern: $0) }, vector.validity)
    case .doubles(let list):
      // Zeros are equal whatever their sign, and so are NaNs.
      return patterns(
        mapElements(list) { $0 == 0 ? 0 : $0.isNaN ? Double.nan.bitPattern : $0.bitPattern }, vector.validity)
    case .wides(let list):
      return list.enumerated().map { vector.isValid($0) ? wide($1) : 0 }
    case .intervals(let list):
      return list.enumerated().map { row, interval in
        guard vector.isValid(row) else { return 0 }
        let number = wide(interval.approximateMicros)
        if Int(number) > intervals.count { intervals.append(interval) }
        return number
      }
    case .bytes(let list): return try texts(list, vector.validity)
    case .coded(let codes, let dictionary): return try coded(codes, dictionary, vector.validity)
    case .other(let column):
      return (0..<column.count).map { row in
        guard vector.isValid(row) else { return 0 }
        let value = column.values.scalar(at: row, type: column.type)
        if let known = otherNumbers[value] { return known }
        others.append(value)
        otherNumbers[value] = UInt32(others.count)
        return UInt32(others.count)
      }
    }
  }

  private mutating func wide(_ value: Int128) -> UInt32 {
    if let known = wideNumbers[value] { return known }
    wides.append(value)
    wideNumbers[value] = UInt32(wides.count)
    return UInt32(wides.count)
  }

  /// Rows without a value hold any text, which must not become a key.
  private mutating func texts(_ list: ByteStrings, _ validity: Bitmap?) throws(QueryError) -> [UInt32] {
    var numbers: [UInt32] = []
    guard let validity else {
      try strings.number(list, rows: 0..<list.count, appendingTo: &numbers)
      return mapElements(numbers) { $0 &+ 1 }
    }
    var positions: [UInt32] = []
    appendSetPositions(validity.words.span, in: 0..<validity.count, to: &positions)
    let valid = list.taking(positions)
    try strings.number(valid, rows: 0..<valid.count, appendingTo: &numbers)
    var result = [UInt32](repeating: 0, count: list.count)
    for (index, position) in positions.enumerated() { result[Int(position)] = numbers[index] &+ 1 }
    return result
  }

  /// The number of one of a dictionary's strings.
  private mutating func string(_ code: Int, of dictionary: TextDictionary) throws(QueryError) -> UInt32 {
    var number: [UInt32] = []
    try strings.number(dictionary.strings, rows: code..<code + 1, appendingTo: &number)
    return number[0] + 1
  }

  /// Rows without a value hold any pattern, which must not become a key.
  private mutating func patterns(_ list: [UInt64], _ validity: Bitmap?) -> [UInt32] {
    guard let validity else { return patterns(list) }
    var positions: [UInt32] = []
    appendSetPositions(validity.words.span, in: 0..<validity.count, to: &positions)
    var valid: [UInt64] = []
    gather(positions.span, from: list.span, appendingTo: &valid)
    let numbers = patterns(valid)
    var result = [UInt32](repeating: 0, count: list.count)
    for (index, position) in positions.enumerated() { result[Int(position)] = numbers[index] }
    return result
  }

  private mutating func patterns(_ list: [UInt64]) -> [UInt32] {
    mapElements(patternNumbers.number(list)) { $0 &+ 1 }
  }

  private mutating func coded(
    _ codes: [Int32], _ dictionary: TextDictionary, _ validity: Bitmap?
  ) throws(QueryError) -> [UInt32] {
    if self.dictionary !== dictionary {
      self.dictionary = dictionary
      codeNumbers = Array(repeating: .max, count: dictionary.strings.count)
    }
    if let validity {
      var result = [UInt32](repeating: 0, count: codes.count)
      for (row, code) in codes.enumerated() where validity[row] {
        if codeNumbers[Int(code)] == .max { codeNumbers[Int(code)] = try string(Int(code), of: dictionary) }
        result[row] = codeNumbers[Int(code)]
      }
      return result
    }
    var table = codeNumbers
    codeNumbers = []
    var numbers: [UInt32] = []
    var failure: QueryError?
    numberCodes(codes.span, table: &table, appendingTo: &numbers) { code in
      do throws(QueryError) {
        return try string(code, of: dictionary)
      } catch {
        failure = error
        return 0
      }
    }
    if let failure { throw failure }
    codeNumbers = table
    return numbers
  }

  /// The values of these numbers, 0 being null.
  func values(_ numbers: [UInt32]) throws(QueryError) -> Vector {
    let positions = mapElements(numbers) { $0 == 0 ? 0 : $0 &- 1 }
    let isNull = mapElements(numbers) { flag($0 != 0) }
    let validity = isNull.contains(0) ? Bitmap(words: packFlags(isNull.span), count: numbers.count) : nil
    if count == 1 { return Vector.null(type).expanded(to: numbers.count) }
    let all: Vector.Values
    switch type.layout {
    case .flag: all = .flags(mapElements(patternNumbers.keys) { UInt8(truncatingIfNeeded: $0) })
    case .int: all = .ints(mapElements(patternNumbers.keys) { Int64(bitPattern: $0) })
    case .double: all = .doubles(mapElements(patternNumbers.keys) { Double(bitPattern: $0) })
    case .bytes: all = .bytes(strings.keys)
    case .wide: all = .wides(wides)
    case .interval: all = .intervals(intervals)
    case .other: throw QueryError(.notSupported, "groups of nested values")
    }
    var result = Vector(type, all).taking(positions)
    result.validity = validity
    return result
  }

  /// About how many bytes are in use.
  var byteCount: Int {
    patternNumbers.byteCount + strings.byteCount + wides.count * 64 + others.count * 256
  }
}

/// Numbers 64-bit patterns from 0 on, by a table that grows so that it is at most half full.
struct PatternNumbering {
  private var slots = [UInt32](repeating: 0, count: 1 << 12)
  /// The patterns in the order of their numbers.
  private(set) var keys: [UInt64] = []

  /// Patterns of which fewer than one in so many differs from that before it are looked up once a run.
  private static let shortestRun = 16

  /// The number of each pattern.
  mutating func number(_ list: [UInt64]) -> [UInt32] {
    guard list.count > 0, countChanges(list.span) < list.count / Self.shortestRun else { return numberEach(list) }
    var starts = [0]
    var values = [list[0]]
    for index in 1..<list.count where list[index] != list[index - 1] {
      starts.append(index)
      values.append(list[index])
    }
    var codes: [UInt32] = []
    codes.reserveCapacity(list.count)
    starts.append(list.count)
    for (run, code) in numberEach(values).enumerated() {
      appendRepeating(code, count: starts[run + 1] - starts[run], to: &codes)
    }
    return codes
  }

  private mutating func numberEach(_ list: [UInt64]) -> [UInt32] {
    var codes: [UInt32] = []
    var done = 0
    while done < list.count {
      let limit = slots.count / 2
      let rest = done == 0 ? list : Array(list[done...])
      done += Self.number(rest, &slots, &keys, limit, &codes)
      if done < list.count {
        slots = Array(repeating: 0, count: slots.count * 4)
        let known = keys
        var span = slots.mutableSpan
        rehash64(known.span, into: &span)
      }
    }
    return codes
  }

  private static func number(
    _ list: [UInt64], _ slots: inout [UInt32], _ keys: inout [UInt64], _ limit: Int, _ codes: inout [UInt32]
  ) -> Int {
    unsafe numberKeys64(list.span.bytes, slots: &slots, keys: &keys, keyLimit: limit, codes: &codes)
  }

  /// About how many bytes are in use.
  var byteCount: Int { slots.count * 4 + keys.count * 8 }
}
