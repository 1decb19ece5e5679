internal import Columnar
internal import Kernels

extension Vector {
  // What a kernel takes; the binder has seen to it that the layout is the one asked for.

  var flags: [UInt8] {
    if case .flags(let list) = values { return list }
    preconditionFailure("a vector of flags")
  }

  var ints: [Int64] {
    switch values {
    case .ints(let list): return list
    case .narrow(let list): return mapElements(list) { Int64($0) }
    case .flags(let list): return mapElements(list) { Int64($0) }
    default: preconditionFailure("a vector of whole numbers")
    }
  }

  var wides: [Int128] {
    switch values {
    case .wides(let list): return list
    case .ints(let list): return list.map { Int128($0) }
    case .narrow(let list): return list.map { Int128($0) }
    default: preconditionFailure("a vector of large numbers")
    }
  }

  var doubles: [Double] {
    if case .doubles(let list) = values { return list }
    preconditionFailure("a vector of floating-point numbers")
  }

  var intervals: [Interval] {
    if case .intervals(let list) = values { return list }
    preconditionFailure("a vector of intervals")
  }

  /// The strings of all rows, one behind the other.
  var strings: ByteStrings {
    switch values {
    case .bytes(let strings): return strings
    case .coded(let codes, let dictionary): return dictionary.strings.gathered(codes, validity: validity)
    default: preconditionFailure("a vector of strings")
    }
  }

  /// The same without codes.
  var withoutCodes: Vector {
    guard case .coded = values else { return self }
    return Vector(type, .bytes(strings), validity: validity, isConstant: isConstant)
  }
}

extension ByteStrings {
  /// The strings of these codes. Codes of rows without a value may lead nowhere.
  func gathered(_ codes: [Int32], validity: Bitmap?) -> ByteStrings {
    if count == 0 { return ByteStrings(offsets: Array(repeating: 0, count: codes.count + 1)) }
    return taking(mapElements(codes) { UInt32(bitPattern: $0) })
  }

  /// The strings at these positions.
  func taking(_ positions: [UInt32]) -> ByteStrings {
    var result = ByteStrings()
    result.offsets.reserveCapacity(positions.count + 1)
    let fits = unsafe gatherBytes(
      positions.span, offsets: offsets.span, bytes: bytes.span.bytes, appendingOffsetsTo: &result.offsets,
      bytesTo: &result.bytes)
    precondition(fits, "all strings of a vector together below 2 GiB")
    return result
  }
}

extension Vector {
  /// The rows at these positions. A constant has only row 0.
  func taking(_ positions: [UInt32]) -> Vector {
    func pick<T: BitwiseCopyable>(_ list: [T]) -> [T] {
      var result: [T] = []
      gather(positions.span, from: list.span, appendingTo: &result)
      return result
    }
    let picked: Values
    switch values {
    case .flags(let list): picked = .flags(pick(list))
    case .ints(let list): picked = .ints(pick(list))
    case .narrow(let list): picked = .narrow(pick(list))
    case .wides(let list): picked = .wides(pick(list))
    case .doubles(let list): picked = .doubles(pick(list))
    case .bytes(let strings): picked = .bytes(strings.taking(positions))
    case .coded(let codes, let dictionary): picked = .coded(pick(codes), dictionary)
    case .intervals(let list): picked = .intervals(positions.map { list[Int($0)] })
    case .other(let column): picked = .other(column.taking(positions))
    }
    return Vector(type, picked, validity: validity.map { $0.taking(positions) })
  }

  /// The rows of a range.
  func sliced(_ rows: Range<Int>) -> Vector {
    if isConstant { return self }
    let part: Values
    switch values {
    case .flags(let list): part = .flags(Array(list[rows]))
    case .ints(let list): part = .ints(Array(list[rows]))
    case .narrow(let list): part = .narrow(Array(list[rows]))
    case .wides(let list): part = .wides(Array(list[rows]))
    case .doubles(let list): part = .doubles(Array(list[rows]))
    case .coded(let codes, let dictionary): part = .coded(Array(codes[rows]), dictionary)
    case .intervals(let list): part = .intervals(Array(list[rows]))
    case .bytes, .other: return taking(rows.map { UInt32($0) })
    }
    return Vector(type, part, validity: validity.map { $0.sliced(rows) })
  }
}

extension Column {
  /// The rows at these positions, of a column without dictionaries.
  func taking(_ positions: [UInt32]) -> Column {
    let codes = positions.map { Int32(bitPattern: $0) }
    let picked = Column(type: type, values: .dictionary(codes: codes, values: values.withoutDictionary()))
      .withoutDictionary()
    return Column(type: type, values: picked.values, validity: validity.map { $0.taking(positions) })
  }
}

extension Batch {
  /// The rows at these positions.
  func taking(_ positions: [UInt32]) -> Batch {
    Batch(columns: columns.map { $0.isConstant ? $0 : $0.taking(positions) }, count: positions.count)
  }

  /// The rows of a range.
  func sliced(_ rows: Range<Int>) -> Batch {
    Batch(columns: columns.map { $0.sliced(rows) }, count: rows.count)
  }
}
