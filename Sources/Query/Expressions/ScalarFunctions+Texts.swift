internal import Columnar
internal import Kernels

/// Arguments of which each row is looked at, constants for all rows.
struct TextRows {
  let strings: [ByteStrings?]
  let numbers: [[Int64]]
  let validity: Bitmap?
  let count: Int

  init(_ arguments: [Vector], count: Int) {
    strings = arguments.map { $0.type.layout == .bytes ? $0.strings : nil }
    numbers = arguments.map { $0.type.layout == .int ? $0.ints : [] }
    validity = Vector.validity(of: arguments, count: count)
    self.count = count
  }

  func isValid(_ row: Int) -> Bool { validity?[row] ?? true }

  func text(_ argument: Int, _ row: Int) -> ArraySlice<UInt8> {
    guard let list = strings[argument] else { return [] }
    return list[list.count == 1 ? 0 : row]
  }

  func number(_ argument: Int, _ row: Int) -> Int64 {
    let list = numbers[argument]
    return list.count == 1 ? list[0] : list[row]
  }

  func ints(_ type: SQLType, _ body: (Int) -> Int64) -> Vector {
    Vector(type, .ints((0..<count).map { validity?[$0] ?? true ? body($0) : 0 }), validity: validity)
  }

  func flags(_ body: (Int) -> Bool) -> Vector {
    Vector(.boolean, .flags((0..<count).map { (validity?[$0] ?? true) && body($0) ? 1 : 0 }), validity: validity)
  }

  func bytes(_ body: (Int) throws(QueryError) -> some Sequence<UInt8>) throws(QueryError) -> Vector {
    var result = ByteStrings()
    for row in 0..<count {
      if validity?[row] ?? true {
        result.append(try body(row))
      } else {
        result.append([])
      }
      guard result.bytes.count < 1 << 30 else { throw QueryError(.limit, "texts of more than 1 GiB in one batch") }
    }
    return Vector(.text, .bytes(result), validity: validity)
  }
}

extension ScalarFunction {
  func texts(_ arguments: [Vector], _ type: SQLType, _ count: Int) throws(QueryError) -> Vector {
    if self == .concat || self == .concat_ws { return try joined(arguments, count) }
    let rows = TextRows(arguments, count: count)
    let hasSecond = arguments.count > 1
    let hasThird = arguments.count > 2
    switch self {
    case .length: return rows.ints(type) { Int64(TextFunctions.length(rows.text(0, $0))) }
    case .strlen: return rows.ints(type) { Int64(rows.text(0, $0).count) }
    case .ascii:
      return rows.ints(type) {
        Int64(String(decoding: rows.text(0, $0), as: UTF8.self).unicodeScalars.first?.value ?? 0)
      }
    case .strpos:
      return rows.ints(type) { row in
        let text = rows.text(0, row)
        guard let found = TextFunctions.find(rows.text(1, row), in: text) else { return 0 }
        return Int64(TextFunctions.length(text[..<found])) + 1
      }
    case .md5: return try rows.bytes { row throws(QueryError) in MD5.hex(of: rows.text(0, row)) }
    case .starts_with: return rows.flags { rows.text(0, $0).starts(with: rows.text(1, $0)) }
    case .ends_with: return rows.flags { rows.text(0, $0).suffix(rows.text(1, $0).count) == rows.text(1, $0) }
    case .contains: return rows.flags { TextFunctions.find(rows.text(1, $0), in: rows.text(0, $0)) != nil }
    default: return try changed(rows, hasSecond: hasSecond, hasThird: hasThird)
    }
  }

  /// Functions that make texts of texts.
  private func changed(_ rows: TextRows, hasSecond: Bool, hasThird: Bool) throws(QueryError) -> Vector {
    switch self {
    case .upper: return try rows.bytes { row throws(QueryError) in TextFunctions.uppered(rows.text(0, row)) }
    case .lower: return try rows.bytes { row throws(QueryError) in TextFunctions.lowered(rows.text(0, row)) }
    case .reverse: return try rows.bytes { row throws(QueryError) in TextFunctions.reversed(rows.text(0, row)) }
    case .trim, .ltrim, .rtrim:
      let blank: ArraySlice<UInt8> = [0x20]
      return try rows.bytes { row throws(QueryError) in
        TextFunctions.trimmed(
          rows.text(0, row), hasSecond ? rows.text(1, row) : blank, start: self != .rtrim, end: self != .ltrim)
      }
    case .substring:
      return try rows.bytes { row throws(QueryError) in
        TextFunctions.substring(
          rows.text(0, row), from: rows.number(1, row), count: hasThird ? rows.number(2, row) : nil)
      }
    case .left, .right: return try rows.bytes { row throws(QueryError) in side(rows.text(0, row), rows.number(1, row)) }
    case .replace:
      return try rows.bytes { row throws(QueryError) in
        let result = TextFunctions.replacing(rows.text(1, row), by: rows.text(2, row), in: rows.text(0, row))
        try Self.check(result.count)
        return result
      }
    case .split_part:
      return try rows.bytes { row throws(QueryError) in
        TextFunctions.split(rows.text(0, row), by: rows.text(1, row), part: rows.number(2, row))
      }
    case .lpad, .rpad:
      return try rows.bytes { row throws(QueryError) in
        try Self.check(rows.number(1, row))
        return TextFunctions.padded(
          rows.text(0, row), to: rows.number(1, row), with: rows.text(2, row), left: self == .lpad)
      }
    case .repeat:
      return try rows.bytes { row throws(QueryError) in
        let (length, overflow) = Int64(rows.text(0, row).count).multipliedReportingOverflow(
          by: max(0, rows.number(1, row)))
        try Self.check(overflow ? .max : length)
        return Array(repeatElement(rows.text(0, row), count: length == 0 ? 0 : Int(rows.number(1, row))).joined())
      }
    case .chr:
      return try rows.bytes { row throws(QueryError) in
        guard let code = UInt32(exactly: rows.number(0, row)), let scalar = Unicode.Scalar(code) else {
          throw QueryError(.value, "a number that is no character")
        }
        return Array(String(scalar).utf8)
      }
    default: throw QueryError(.notSupported, "the function \(rawValue)")
    }
  }

  static func check(_ length: some BinaryInteger) throws(QueryError) {
    guard length <= longestText else { throw QueryError(.limit, "a text of more than \(longestText) bytes") }
  }

  /// `left(text, n)` and `right(text, n)`; a negative number leaves out so many at the other side.
  private func side(_ text: ArraySlice<UInt8>, _ count: Int64) -> ArraySlice<UInt8> {
    let total = Int64(TextFunctions.length(text))
    let kept = count >= 0 ? min(count, total) : max(0, total + max(count, -total))
    return TextFunctions.substring(text, from: self == .left ? 1 : total - kept + 1, count: kept)
  }

  /// `concat` leaves nulls out; `concat_ws` too, but a null as the separator makes all null.
  private func joined(_ arguments: [Vector], _ count: Int) throws(QueryError) -> Vector {
    let lists = arguments.map(\.strings)
    let hasSeparator = self == .concat_ws
    var result = ByteStrings()
    for row in 0..<count {
      var text: [UInt8] = []
      var isFirst = true
      for (argument, list) in zip(arguments, lists).dropFirst(hasSeparator ? 1 : 0) where argument.isValid(row) {
        if hasSeparator, !isFirst { text += lists[0][lists[0].count == 1 ? 0 : row] }
        text += list[list.count == 1 ? 0 : row]
        isFirst = false
      }
      try Self.check(text.count)
      result.append(text)
      guard result.bytes.count < 1 << 30 else { throw QueryError(.limit, "texts of more than 1 GiB in one batch") }
    }
    let validity = hasSeparator ? Vector.validity(of: [arguments[0]], count: count) : nil
    return Vector(.text, .bytes(result), validity: validity)
  }
}
