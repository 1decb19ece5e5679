/// Reads structures of Thrift's compact protocol from untrusted bytes (grammar: `ThriftType.swift`).
///
/// A value whose type is not the one expected is skipped and given as `nil`: old writers used field numbers that were
/// later given other meanings.
struct ThriftReader {
  private let bytes: [UInt8]
  private let end: Int
  private let limits: ReaderLimits
  private let base: Int64
  private var depth = 0
  /// The position of the next byte to read.
  private(set) var position: Int
  /// Whether reading failed for want of bytes, so that more of them may help.
  private(set) var endsEarly = false

  /// Reads from `range` of `bytes`; `base` is the file offset of `bytes[0]`, for messages.
  init(_ bytes: [UInt8], range: Range<Int>? = nil, base: Int64 = 0, limits: ReaderLimits) {
    self.bytes = bytes
    self.limits = limits
    self.base = base
    position = range?.lowerBound ?? 0
    end = range?.upperBound ?? bytes.count
  }

  private func failure(_ message: String) -> ParquetError {
    ParquetError(.outOfSpec, "metadata: \(message)", offset: base + Int64(position))
  }

  private mutating func byte() throws(ParquetError) -> UInt8 {
    guard position < end else {
      endsEarly = true
      throw failure("ends early")
    }
    defer { position += 1 }
    return bytes[position]
  }

  private mutating func varint() throws(ParquetError) -> UInt64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while shift < 64 {
      let next = try byte()
      value |= UInt64(next & 0x7F) &<< shift
      if next < 0x80 { return value }
      shift += 7
    }
    throw failure("a number of more than ten bytes")
  }

  private mutating func zigzag() throws(ParquetError) -> Int64 {
    let value = try varint()
    return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
  }

  private mutating func skipBytes(_ count: UInt64) throws(ParquetError) -> Range<Int> {
    guard count <= UInt64(end - position) else {
      endsEarly = true
      throw failure("\(count) bytes where \(end - position) are left")
    }
    let start = position
    position += Int(count)
    return start..<position
  }

  // MARK: - Structures

  /// Reads the fields of one structure, handing each to `body`, which must read or skip its value.
  mutating func structure(
    _ body: (inout ThriftReader, ThriftField) throws(ParquetError) -> Void
  ) throws(ParquetError) {
    depth += 1
    defer { depth -= 1 }
    guard depth <= limits.thriftDepth else {
      throw ParquetError(.wouldOverAllocate, "metadata nested deeper than \(limits.thriftDepth)")
    }
    var last: Int16 = 0
    while true {
      let head = try byte()
      guard let type = ThriftType(rawValue: head & 0x0F) else { throw failure("unknown type \(head & 0x0F)") }
      if type == .stop { return }
      if head >> 4 != 0 {
        let (id, overflow) = last.addingReportingOverflow(Int16(head >> 4))
        if overflow { throw failure("a field number out of range") }
        last = id
      } else {
        guard let id = Int16(exactly: try zigzag()) else { throw failure("a field number out of range") }
        last = id
      }
      try body(&self, ThriftField(id: last, type: type))
    }
  }

  /// A structure as the value of a field; `nil` when the field holds something else.
  mutating func structure<Value>(
    _ field: ThriftField, _ decode: (inout ThriftReader) throws(ParquetError) -> Value
  ) throws(ParquetError) -> Value? {
    guard field.type == .structure else { return try skipped(field) }
    return try decode(&self)
  }

  /// The list of structures, or of other values that `element` reads, in a field; `nil` when it holds something else.
  ///
  /// Memory grows with what is read, not with what is declared.
  mutating func list<Value>(
    _ field: ThriftField, of type: ThriftType, _ element: (inout ThriftReader) throws(ParquetError) -> Value
  ) throws(ParquetError) -> [Value]? {
    guard field.type == .list || field.type == .set else { return try skipped(field) }
    let (stored, count) = try listHead()
    // An empty list may leave out the type of its elements.
    if count == 0 { return [] }
    guard stored == type || (type == .boolTrue && stored == .boolFalse) else {
      for _ in 0..<count { try skip(stored, inList: true) }
      return nil
    }
    var values: [Value] = []
    values.reserveCapacity(min(count, 1024))
    for _ in 0..<count { values.append(try element(&self)) }
    return values
  }

  private mutating func listHead() throws(ParquetError) -> (ThriftType, Int) {
    let head = try byte()
    var count = UInt64(head >> 4)
    if count == 15 { count = try varint() }
    if count == 0 { return (.stop, 0) }
    guard let type = ThriftType(rawValue: head & 0x0F) else { throw failure("unknown type \(head & 0x0F)") }
    // The smallest element is one byte, so a longer list than bytes left is a lie.
    guard count <= UInt64(end - position) else {
      endsEarly = true
      throw failure("a list of \(count) elements in \(end - position) bytes")
    }
    guard count <= UInt64(limits.thriftListCount) else {
      throw ParquetError(.wouldOverAllocate, "a metadata list of \(count) elements, limit \(limits.thriftListCount)")
    }
    return (type, Int(count))
  }

  // MARK: - Values of fields

  /// The boolean of a field.
  mutating func bool(_ field: ThriftField) throws(ParquetError) -> Bool? {
    switch field.type {
    case .boolTrue: true
    case .boolFalse: false
    default: try skipped(field)
    }
  }

  /// The 8-bit number of a field.
  mutating func int8(_ field: ThriftField) throws(ParquetError) -> Int8? {
    guard field.type == .byte else { return try skipped(field) }
    return Int8(bitPattern: try byte())
  }

  /// The 16-bit number of a field.
  mutating func int16(_ field: ThriftField) throws(ParquetError) -> Int16? {
    guard let value = try int64(field) else { return nil }
    guard let narrow = Int16(exactly: value) else { throw failure("a number beyond 16 bits") }
    return narrow
  }

  /// The 32-bit number of a field.
  mutating func int32(_ field: ThriftField) throws(ParquetError) -> Int32? {
    guard let value = try int64(field) else { return nil }
    guard let narrow = Int32(exactly: value) else { throw failure("a number beyond 32 bits") }
    return narrow
  }

  /// The number of a field that may be of 16, 32 or 64 bits.
  mutating func int64(_ field: ThriftField) throws(ParquetError) -> Int64? {
    guard field.type == .i64 || field.type == .i32 || field.type == .i16 else { return try skipped(field) }
    return try zigzag()
  }

  /// The bytes of a field.
  mutating func binary(_ field: ThriftField) throws(ParquetError) -> [UInt8]? {
    guard field.type == .binary else { return try skipped(field) }
    return try binaryElement()
  }

  /// The text of a field, damaged UTF-8 repaired.
  mutating func string(_ field: ThriftField) throws(ParquetError) -> String? {
    guard let bytes = try binary(field) else { return nil }
    return String(decoding: bytes, as: UTF8.self)
  }

  // MARK: - Values in lists

  /// A 32-bit number in a list.
  mutating func int32Element() throws(ParquetError) -> Int32 {
    guard let value = Int32(exactly: try zigzag()) else { throw failure("a number beyond 32 bits") }
    return value
  }

  /// A 64-bit number in a list.
  mutating func int64Element() throws(ParquetError) -> Int64 { try zigzag() }

  /// A boolean in a list; writers differ on 0 or 2 for false.
  mutating func boolElement() throws(ParquetError) -> Bool { try byte() == 1 }

  /// Bytes in a list.
  mutating func binaryElement() throws(ParquetError) -> [UInt8] {
    Array(bytes[try skipBytes(try varint())])
  }

  /// A text in a list.
  mutating func stringElement() throws(ParquetError) -> String {
    String(decoding: try binaryElement(), as: UTF8.self)
  }

  // MARK: - Skipping

  /// Skips the value of a field that nobody asked for.
  mutating func skip(_ field: ThriftField) throws(ParquetError) { try skip(field.type, inList: false) }

  private mutating func skipped<Value>(_ field: ThriftField) throws(ParquetError) -> Value? {
    try skip(field)
    return nil
  }

  private mutating func skip(_ type: ThriftType, inList: Bool) throws(ParquetError) {
    switch type {
    case .stop: throw failure("a value without a type")
    case .boolTrue, .boolFalse: if inList { _ = try byte() }
    case .byte: _ = try byte()
    case .i16, .i32, .i64: _ = try varint()
    case .double: _ = try skipBytes(8)
    case .uuid: _ = try skipBytes(16)
    case .binary: _ = try skipBytes(try varint())
    case .list, .set:
      try nested { (reader) throws(ParquetError) in
        let (element, count) = try reader.listHead()
        for _ in 0..<count { try reader.skip(element, inList: true) }
      }
    case .map: try nested { (reader) throws(ParquetError) in try reader.skipMap() }
    case .structure: try structure { (reader, field) throws(ParquetError) in try reader.skip(field) }
    }
  }

  private mutating func nested(_ body: (inout ThriftReader) throws(ParquetError) -> Void) throws(ParquetError) {
    depth += 1
    defer { depth -= 1 }
    guard depth <= limits.thriftDepth else {
      throw ParquetError(.wouldOverAllocate, "metadata nested deeper than \(limits.thriftDepth)")
    }
    try body(&self)
  }

  private mutating func skipMap() throws(ParquetError) {
    let count = try varint()
    if count == 0 { return }
    let types = try byte()
    guard let key = ThriftType(rawValue: types >> 4), let value = ThriftType(rawValue: types & 0x0F),
      count <= UInt64(end - position)
    else { throw failure("a map out of bounds") }
    for _ in 0..<count {
      try skip(key, inList: true)
      try skip(value, inList: true)
    }
  }
}
