/// Writes structures of Thrift's compact protocol (grammar: `ThriftType.swift`).
///
/// Fields are written in rising order of their numbers; an absent optional is left out.
struct ThriftWriter {
  /// What has been written.
  private(set) var bytes: [UInt8] = []
  private var lastID: Int16 = 0

  private mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  private mutating func zigzag(_ value: Int64) {
    varint(UInt64(bitPattern: (value << 1) ^ (value >> 63)))
  }

  private mutating func head(_ id: Int16, _ type: ThriftType) {
    precondition(id > lastID, "fields in rising order")
    let delta = id - lastID
    if delta <= 15 {
      bytes.append(UInt8(delta) << 4 | type.rawValue)
    } else {
      bytes.append(type.rawValue)
      zigzag(Int64(id))
    }
    lastID = id
  }

  /// Writes one structure: the fields that `body` writes, then the end mark.
  mutating func structure(_ body: (inout ThriftWriter) -> Void) {
    let outer = lastID
    lastID = 0
    body(&self)
    bytes.append(0)
    lastID = outer
  }

  /// A structure as the value of a field.
  mutating func structure(_ id: Int16, _ body: (inout ThriftWriter) -> Void) {
    head(id, .structure)
    structure(body)
  }

  /// A list of structures, or of other values that `element` writes.
  mutating func list<Value>(
    _ id: Int16, of type: ThriftType, _ values: [Value], _ element: (inout ThriftWriter, Value) -> Void
  ) {
    head(id, .list)
    if values.count < 15 {
      bytes.append(UInt8(values.count) << 4 | type.rawValue)
    } else {
      bytes.append(0xF0 | type.rawValue)
      varint(UInt64(values.count))
    }
    for value in values { element(&self, value) }
  }

  /// A boolean field.
  mutating func bool(_ id: Int16, _ value: Bool?) {
    if let value { head(id, value ? .boolTrue : .boolFalse) }
  }

  /// An 8-bit number field.
  mutating func int8(_ id: Int16, _ value: Int8?) {
    guard let value else { return }
    head(id, .byte)
    bytes.append(UInt8(bitPattern: value))
  }

  /// A 16-bit number field.
  mutating func int16(_ id: Int16, _ value: Int16?) {
    guard let value else { return }
    head(id, .i16)
    zigzag(Int64(value))
  }

  /// A 32-bit number field.
  mutating func int32(_ id: Int16, _ value: Int32?) {
    guard let value else { return }
    head(id, .i32)
    zigzag(Int64(value))
  }

  /// A 64-bit number field.
  mutating func int64(_ id: Int16, _ value: Int64?) {
    guard let value else { return }
    head(id, .i64)
    zigzag(value)
  }

  /// A field of bytes.
  mutating func binary(_ id: Int16, _ value: [UInt8]?) {
    guard let value else { return }
    head(id, .binary)
    binaryElement(value)
  }

  /// A field of text.
  mutating func string(_ id: Int16, _ value: String?) {
    binary(id, value.map { Array($0.utf8) })
  }

  /// A number in a list.
  mutating func intElement(_ value: Int64) { zigzag(value) }

  /// A boolean in a list.
  mutating func boolElement(_ value: Bool) { bytes.append(value ? 1 : 2) }

  /// Bytes in a list.
  mutating func binaryElement(_ value: [UInt8]) {
    varint(UInt64(value.count))
    bytes.append(contentsOf: value)
  }
}
