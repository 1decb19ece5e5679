/// A JSON document as a tree, for small texts whose shape varies, such as schemas and pointers.
package indirect enum JSONValue: Hashable, Sendable {
  /// `null`.
  case null
  /// A truth value.
  case bool(Bool)
  /// The digits as they stand.
  case number(String)
  /// A text.
  case string(String)
  /// Values in their order.
  case array([JSONValue])
  /// Members in their order.
  case object([Member])

  /// One member of an object.
  package struct Member: Hashable, Sendable {
    /// The name.
    package var name: String
    /// The value.
    package var value: JSONValue

    /// Makes a member.
    package init(name: String, value: JSONValue) {
      self.name = name
      self.value = value
    }
  }

  /// How deep values may be nested.
  private static let maximumDepth = 200

  /// Parses a whole document.
  package init(parsing bytes: [UInt8]) throws(JSONError) {
    var scanner = JSONScanner(bytes)
    self = try Self.value(&scanner, depth: 0)
    guard scanner.isAtEnd else { throw scanner.failure("something follows the document") }
  }

  private static func value(_ scanner: inout JSONScanner, depth: Int) throws(JSONError) -> JSONValue {
    guard depth < maximumDepth else { throw scanner.failure("values nested more than \(maximumDepth) deep") }
    var count = 0
    switch scanner.next {
    case UInt8(ascii: "{"):
      try scanner.openObject()
      var members: [Member] = []
      while let name = try scanner.nextKey(&count) {
        members.append(Member(name: name, value: try value(&scanner, depth: depth + 1)))
      }
      return .object(members)
    case UInt8(ascii: "["):
      try scanner.openArray()
      var values: [JSONValue] = []
      while try scanner.nextValue(&count) { values.append(try value(&scanner, depth: depth + 1)) }
      return .array(values)
    case UInt8(ascii: "\""): return .string(try scanner.string())
    case UInt8(ascii: "t"), UInt8(ascii: "f"): return .bool(try scanner.bool())
    case UInt8(ascii: "n"): return try scanner.takeNull() ? .null : .null
    default: return .number(String(decoding: scanner.bytes[try scanner.number()], as: UTF8.self))
    }
  }

  /// The member of an object with this name, the last one where there are several.
  package subscript(name: String) -> JSONValue? {
    get {
      guard case .object(let members) = self else { return nil }
      return members.last { $0.name == name }?.value
    }
    set {
      guard case .object(var members) = self else { return }
      let index = members.lastIndex { $0.name == name }
      switch (index, newValue) {
      case (let index?, let value?): members[index].value = value
      case (let index?, nil): members.remove(at: index)
      case (nil, let value?): members.append(Member(name: name, value: value))
      case (nil, nil): break
      }
      self = .object(members)
    }
  }

  /// The text, where it is one.
  package var text: String? {
    if case .string(let text) = self { text } else { nil }
  }

  /// The whole number, where it is one of 64 bits.
  package var integer: Int64? {
    if case .number(let digits) = self { Int64(digits) } else { nil }
  }

  /// The document as text.
  package var json: String {
    var text = JSONText()
    write(nil, to: &text)
    return text.string
  }

  private func write(_ name: String?, to text: inout JSONText) {
    switch self {
    case .null: text.raw(name, "null")
    case .bool(let value): text.member(name, value)
    case .number(let digits): text.raw(name, digits)
    case .string(let value): text.member(name, value)
    case .array(let values):
      text.open(name, "[")
      for value in values { value.write(nil, to: &text) }
      text.close("]")
    case .object(let members):
      text.open(name)
      for member in members { member.value.write(member.name, to: &text) }
      text.close()
    }
  }
}
