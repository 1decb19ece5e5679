internal import Columnar
internal import Kernels

/// The values of an expression for all rows of a batch.
///
/// Computation knows few layouts: flags are bytes of 0 and 1; whole numbers, dates and times are 64 bits wide, or still
/// the 32 of the file; decimals and larger numbers 128. A constant holds one element that stands for all rows.
struct Vector: Sendable {
  enum Values: Sendable {
    case flags([UInt8])
    case ints([Int64])
    case narrow([Int32])
    case wides([Int128])
    case doubles([Double])
    case bytes(ByteStrings)
    /// Codes into distinct strings; a row without a value has any code.
    case coded([Int32], TextDictionary)
    case intervals([Interval])
    case other(Column)
  }

  var type: SQLType
  var values: Values
  /// Bit `i` is set where row `i` has a value; `nil` where all have.
  var validity: Bitmap?
  var isConstant = false

  init(_ type: SQLType, _ values: Values, validity: Bitmap? = nil, isConstant: Bool = false) {
    self.type = type
    self.values = values
    self.validity = validity
    self.isConstant = isConstant
  }

  /// How many elements are stored: 1 for a constant.
  var storedCount: Int {
    switch values {
    case .flags(let list): list.count
    case .ints(let list): list.count
    case .narrow(let list): list.count
    case .wides(let list): list.count
    case .doubles(let list): list.count
    case .bytes(let strings): strings.count
    case .coded(let codes, _): codes.count
    case .intervals(let list): list.count
    case .other(let column): column.count
    }
  }

  /// Whether no row has a value.
  var isAllNull: Bool { validity.map { $0.setCount == 0 } ?? false }
}

/// The distinct strings behind codes; a class, so that batches of one row group are seen to share them.
final class TextDictionary: Sendable {
  let strings: ByteStrings
  init(_ strings: ByteStrings) { self.strings = strings }
}

/// Vectors of equal length.
struct Batch: Sendable {
  var columns: [Vector]
  var count: Int
}

extension Vector {
  /// One value for all rows.
  init(constant value: Value, _ type: SQLType) {
    let values: Values
    switch value {
    case .flag(let flag): values = .flags([flag ? 1 : 0])
    case .int(let number): values = type.layout == .wide ? .wides([Int128(number)]) : .ints([number])
    case .wide(let number): values = .wides([number])
    case .double(let number): values = .doubles([number])
    case .bytes(let bytes): values = .bytes(ByteStrings(offsets: [0, Int32(bytes.count)], bytes: bytes))
    case .interval(let interval): values = .intervals([interval])
    case .null: values = .zero(type)
    }
    self.init(
      type, values, validity: value == .null ? Bitmap(repeating: false, count: 1) : nil, isConstant: true)
  }

  /// Nulls for all rows.
  static func null(_ type: SQLType) -> Vector { Vector(constant: .null, type) }

  /// The value of a row.
  func value(at row: Int) -> Value {
    let row = isConstant ? 0 : row
    if let validity, !validity[row] { return .null }
    switch values {
    case .flags(let list): return .flag(list[row] != 0)
    case .ints(let list): return .int(list[row])
    case .narrow(let list): return .int(Int64(list[row]))
    case .wides(let list): return .wide(list[row])
    case .doubles(let list): return .double(list[row])
    case .bytes(let strings): return .bytes(Array(strings[row]))
    case .coded(let codes, let dictionary): return .bytes(Array(dictionary.strings[Int(codes[row])]))
    case .intervals(let list): return .interval(list[row])
    case .other: return .null
    }
  }

  /// Whether a row has a value.
  func isValid(_ row: Int) -> Bool { validity?[isConstant ? 0 : row] ?? true }

  /// The same values with one stored element for each row.
  func expanded(to count: Int) -> Vector {
    guard isConstant else { return self }
    var result = taking([UInt32](repeating: 0, count: count))
    result.isConstant = false
    return result
  }
}

extension Vector.Values {
  /// One element of a type that means nothing, for rows without a value.
  static func zero(_ type: SQLType) -> Vector.Values {
    switch type.layout {
    case .flag: .flags([0])
    case .int: .ints([0])
    case .wide: .wides([0])
    case .double: .doubles([0])
    case .bytes: .bytes(ByteStrings(offsets: [0, 0]))
    case .interval: .intervals([Interval()])
    case .other:
      if case .other(let dataType) = type {
        .other(Column.nulls(dataType, count: 1))
      } else {
        .flags([0])
      }
    }
  }
}

extension Vector {
  /// Values of one type, which is not nested, row by row.
  init(_ type: SQLType, _ list: [Value]) {
    let validity = list.contains(.null) ? Bitmap(list.lazy.map { $0 != .null }) : nil
    let values: Values
    switch type.layout {
    case .flag: values = .flags(list.map { $0 == .flag(true) ? 1 : 0 })
    case .double: values = .doubles(list.map { if case .double(let number) = $0 { number } else { 0 } })
    case .bytes:
      var strings = ByteStrings()
      for value in list { if case .bytes(let bytes) = value { strings.append(bytes) } else { strings.append([]) } }
      values = .bytes(strings)
    case .wide:
      values = .wides(
        list.map { value -> Int128 in
          switch value {
          case .wide(let number): number
          case .int(let number): Int128(number)
          default: 0
          }
        })
    case .interval: values = .intervals(list.map { if case .interval(let span) = $0 { span } else { Interval() } })
    default: values = .ints(list.map { if case .int(let number) = $0 { number } else { 0 } })
    }
    self.init(type, values, validity: validity)
  }
}
