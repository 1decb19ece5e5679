/// Text under construction as bytes of UTF-8: numbers and dates go in without becoming a `String` first.
struct TextBuffer: Sendable {
  /// The bytes so far; those from ``count`` on are room.
  private var storage: [UInt8] = []
  /// How many bytes there are.
  private(set) var count = 0

  /// The bytes as an array; linear.
  var bytes: [UInt8] { Array(storage[..<count]) }

  /// Drops the content and keeps the room.
  mutating func removeAll() {
    count = 0
  }

  /// Makes room for `more` bytes, so that writing them one by one needs no growth.
  @inline(__always)
  mutating func reserve(_ more: Int) {
    if storage.count - count < more { grow(more) }
  }

  @inline(never)
  private mutating func grow(_ more: Int) {
    storage.append(contentsOf: repeatElement(0, count: max(more, storage.count, 256)))
  }

  /// Adds one byte.
  @inline(__always)
  mutating func append(_ byte: UInt8) {
    reserve(1)
    storage[count] = byte
    count &+= 1
  }

  /// Adds text as it stands.
  mutating func append(_ text: String) {
    append(contentsOf: text.utf8)
  }

  /// Adds bytes as they stand.
  mutating func append(contentsOf more: some Collection<UInt8>) {
    reserve(more.count)
    for byte in more {
      storage[count] = byte
      count &+= 1
    }
  }

  /// Calls a body with the bytes so far, without a copy.
  func withBytes<Result>(_ body: (ArraySlice<UInt8>) throws -> Result) rethrows -> Result {
    try body(storage[..<count])
  }

  /// Adds an integer in decimal digits.
  mutating func append(integer value: Int64) {
    if value < 0 { append(0x2D) }
    append(integer: value.magnitude)
  }

  /// Adds an unsigned integer in decimal digits.
  mutating func append(integer value: UInt64) {
    append(digits: value, width: TextBuffer.digitCount(value))
  }

  /// Adds the lowest `width` decimal digits of a number, with zeros in front.
  mutating func append(digits value: UInt64, width: Int) {
    reserve(width)
    var rest = value
    var position = count &+ width
    while position > count {
      let next = rest / 10
      position &-= 1
      storage[position] = UInt8(truncatingIfNeeded: 0x30 &+ (rest &- next &* 10))
      rest = next
    }
    count &+= width
  }

  /// How many decimal digits a number has; 1 for 0.
  static func digitCount(_ value: UInt64) -> Int {
    var count = 1
    var limit: UInt64 = 10
    while value >= limit {
      count &+= 1
      let (next, overflow) = limit.multipliedReportingOverflow(by: 10)
      if overflow { break }
      limit = next
    }
    return count
  }

  /// Calls a body that writes to the array behind the room; the body tells the new count. For bulk copies alone.
  @inline(__always)
  mutating func withRoom(_ more: Int, _ body: (inout [UInt8], Int) -> Int) {
    reserve(more)
    count = body(&storage, count)
  }
}
