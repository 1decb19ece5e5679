import FoundationEssentials

extension StandardOutput {
  /// Writes a value as one line of JSON, its names in snake_case and sorted; errors as in ``write(_:)``.
  public static func printJSON(_ value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    try write(Array(try encoder.encode(value)) + [UInt8(ascii: "\n")])
  }
}
