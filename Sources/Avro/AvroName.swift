/// Avro's rule for names: `[A-Za-z_][A-Za-z0-9_]*`, full names joined by dots (specification, "Names").
public enum AvroName {
  /// The longest name taken, in bytes.
  static let maximumBytes = 255

  /// The name that stands in a schema.
  ///
  /// - Throws: ``SchemaError`` for what is no string or no name.
  public static func check(_ json: AvroJSON?, at path: String, allowDots: Bool) throws(SchemaError) -> String {
    guard case .string(let name)? = json else {
      throw SchemaError(path: path, message: "a name is missing – add it as a string")
    }
    let parts = allowDots ? name.split(separator: ".", omittingEmptySubsequences: false) : [name[...]]
    guard name.utf8.count <= maximumBytes, parts.allSatisfy(isName) else {
      throw SchemaError(
        path: path,
        message: "\(quote(name)) is no Avro name – use letters, digits and _, no digit first, at most \(maximumBytes)")
    }
    return name
  }

  /// The names of a list such as `aliases`; none where there is no list.
  public static func list(_ json: AvroJSON?, at path: String) throws(SchemaError) -> [String] {
    guard let json, json != .null else { return [] }
    guard case .array(let items) = json, items.count <= 100 else {
      throw SchemaError(path: path, message: "a list of at most 100 names is expected")
    }
    var names: [String] = []
    for (index, item) in items.enumerated() {
      names.append(try check(item, at: "\(path)[\(index)]", allowDots: true))
    }
    return names
  }

  /// A name out of an untrusted file for a message: short and on one line.
  public static func quote(_ name: String) -> String {
    name.prefix(40).debugDescription
  }

  private static func isName(_ part: Substring) -> Bool {
    guard let first = part.utf8.first, first == UInt8(ascii: "_") || isLetter(first) else { return false }
    return part.utf8.allSatisfy { isLetter($0) || $0 == UInt8(ascii: "_") || ($0 >= 0x30 && $0 <= 0x39) }
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (byte | 0x20) >= UInt8(ascii: "a") && (byte | 0x20) <= UInt8(ascii: "z")
  }
}
