/// An array in a file of NumPy's: records one after the other, little-endian.
///
///     file   := 93 "NUMPY"  version  00  length  text  content
///     length := u16 for version 1, u32 for versions 2 and 3
///     text   := {'descr': type, 'fortran_order': False, 'shape': (rows, …), }
///     type   := '<f8'  |  [('name', '<i8'), …]
///
///     93 4E 55 4D 50 59 01 00 76 00 "{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }" …
///
/// See "A Simple File Format for NumPy Arrays" (NEP 1). The length of the content is checked against the text.
struct NumpyArray {
  private struct Field {
    var kind: Character
    var size, offset: Int
  }

  /// The lengths of all axes.
  let shape: [Int]
  private var fields: [String: Field] = [:]
  private let stride: Int
  private let count: Int
  private let content: ArraySlice<UInt8>

  private static let unknown = ForestError(.notSupported, "an array of a kind that forests have no use for")

  /// - Throws: ``ForestError`` for what is cut off, and for types other than numbers and texts.
  init(_ bytes: ArraySlice<UInt8>) throws(ForestError) {
    let damaged = ForestError(.badModel, "an array is cut off or damaged")
    let start = bytes.startIndex
    guard bytes.starts(with: [0x93] + Array("NUMPY".utf8)), bytes.count >= 12 else { throw damaged }
    let lengthBytes = bytes[start + 6] == 1 ? 2 : 4
    let length = (0..<lengthBytes).reduce(0) { $0 | Int(bytes[start + 8 + $1]) << (8 * $1) }
    let textStart = start + 8 + lengthBytes
    guard length <= bytes.endIndex - textStart, length < 1 << 16 else { throw damaged }
    let text = String(decoding: bytes[textStart..<textStart + length], as: UTF8.self)
    content = bytes[(textStart + length)...]
    guard text.contains("'fortran_order': False"), let shape = Self.shape(text), let types = Self.types(text) else {
      throw Self.unknown
    }
    var offset = 0
    for (name, type) in types {
      guard let kind = type.dropFirst().first, let number = Int(type.dropFirst(2)), (1...1_024).contains(number),
        type.first == "<" || type.first == "|"
      else { throw Self.unknown }
      // Texts count characters, of four bytes each.
      let size = kind == "U" ? 4 * number : number
      fields[name] = Field(kind: kind, size: size, offset: offset)
      offset += size
    }
    var count = 1
    for axis in shape {
      let (product, isTooLarge) = count.multipliedReportingOverflow(by: axis)
      guard axis >= 0, !isTooLarge, product <= content.count else { throw damaged }
      count = product
    }
    guard offset > 0, count * offset == content.count else { throw damaged }
    (self.shape, stride, self.count) = (shape, offset, count)
  }

  /// Whole numbers of a field; that of an array without fields is called "".
  func integers(_ name: String = "") throws(ForestError) -> [Int] {
    guard let field = fields[name], field.kind == "i" || field.kind == "u", field.size <= 8 else { throw Self.unknown }
    return (0..<count).map { row in
      let bits = word(row, field)
      // The sign is that of the highest byte.
      let shift = UInt64(64 - 8 * field.size)
      return field.kind == "i" ? Int(Int64(bitPattern: bits << shift) >> Int64(shift)) : Int(truncatingIfNeeded: bits)
    }
  }

  /// Doubles of a field.
  func doubles(_ name: String = "") throws(ForestError) -> [Double] {
    guard let field = fields[name], field.kind == "f", field.size == 8 else { throw Self.unknown }
    return (0..<count).map { Double(bitPattern: word($0, field)) }
  }

  private func word(_ row: Int, _ field: Field) -> UInt64 {
    let start = content.startIndex + row * stride + field.offset
    return (0..<field.size).reduce(0) { $0 | UInt64(content[start + $1]) << UInt64(8 * $1) }
  }

  private static func shape(_ text: String) -> [Int]? {
    guard let start = text.firstRange(of: "'shape': (")?.upperBound, let end = text[start...].firstIndex(of: ")") else {
      return nil
    }
    let parts = text[start..<end].split(separator: ",").map { $0.filter { $0 != " " } }.filter { !$0.isEmpty }
    let numbers = parts.compactMap { Int($0) }
    return numbers.count == parts.count && numbers.count < 8 ? numbers : nil
  }

  /// Names and types of all fields.
  private static func types(_ text: String) -> [(String, Substring)]? {
    guard let start = text.firstRange(of: "'descr': ")?.upperBound else { return nil }
    // What stands in quotes, from the beginning of the type to its end.
    let isRecord = text[start...].first == "["
    guard let end = text[start...].firstIndex(of: isRecord ? "]" : ",") else { return nil }
    let quoted = text[start..<end].split(separator: "'", omittingEmptySubsequences: false)
    let words = quoted.indices.filter { $0 % 2 == 1 }.map { quoted[$0] }
    if !isRecord { return words.count == 1 ? [("", words[0])] : nil }
    guard words.count % 2 == 0, words.count < 200 else { return nil }
    return Swift.stride(from: 0, to: words.count, by: 2).map { (String(words[$0]), words[$0 + 1]) }
  }
}
