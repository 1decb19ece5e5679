/// The bytes `"name":` of a field's key as it nearly always stands in a message, ready to be compared in three words.
struct KeyPattern {
  /// Bytes that a comparison reads, whatever the key's length.
  static let window = 24

  /// How many bytes the key takes; 0 for a name too long to be compared in this way.
  let count: Int
  private let words: (UInt64, UInt64, UInt64)
  private let masks: (UInt64, UInt64, UInt64)

  /// - Parameter name: an Avro name, which needs no escapes in JSON.
  init(name: String) {
    let key = Array("\"\(name)\":".utf8)
    guard key.count <= Self.window else {
      (count, words, masks) = (0, (0, 0, 0), (.max, .max, .max))
      return
    }
    count = key.count
    words = (Self.word(key, at: 0), Self.word(key, at: 8), Self.word(key, at: 16))
    let ones = [UInt8](repeating: 0xFF, count: key.count)
    masks = (Self.word(ones, at: 0), Self.word(ones, at: 8), Self.word(ones, at: 16))
  }

  /// Whether the key stands in three words of a message.
  @inline(__always)
  func matches(_ first: UInt64, _ second: UInt64, _ third: UInt64) -> Bool {
    ((first & masks.0) ^ words.0) | ((second & masks.1) ^ words.1) | ((third & masks.2) ^ words.2) == 0 && count > 0
  }

  /// Eight bytes as a little-endian word, zeros behind the end.
  private static func word(_ bytes: [UInt8], at start: Int) -> UInt64 {
    bytes.dropFirst(start).prefix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}
