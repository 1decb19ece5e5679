internal import Columnar

extension ParquetFile {
  /// The rows of the file as values of a `Decodable` type, for small jobs: every value is boxed on the way.
  ///
  /// Columns are found by name; those that the type does not ask for are not needed. Structures are keyed containers,
  /// lists and maps unkeyed ones (a map's items have the keys `key` and `value`), text is `String`, other bytes are
  /// `[UInt8]`, and dates, times and timestamps are the whole numbers that the file holds.
  ///
  /// ```swift
  /// struct Reading: Decodable { var patient_id: String; var heart_rate: Int?; var tags: [String] }
  /// let readings = try await file.rows(of: Reading.self)
  /// ```
  ///
  /// - Parameter limit: how many rows are read at most.
  /// - Throws: ``ParquetError``, or `DecodingError` where a row does not fit the type.
  public func rows<Row: Decodable>(of type: Row.Type, limit: Int = .max) async throws -> [Row] {
    var rows: [Row] = []
    for try await batch in batches(rows: 0..<Int64(limit)) {
      for row in 0..<batch.rowCount {
        let cells = batch.columns.map { $0.scalar(at: row) }
        rows.append(
          try Row(from: ScalarDecoder(value: .structure(cells), type: .structure(batch.schema.fields), codingPath: [])))
      }
    }
    return rows
  }
}

/// Decodes one value of a column.
private struct ScalarDecoder: Decoder {
  var value: Scalar
  var type: DataType
  var codingPath: [any CodingKey]
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy: Key.Type) throws -> KeyedDecodingContainer<Key> {
    guard case .structure(let values) = value, let fields = type.pairFields else { throw mismatch("no structure") }
    return KeyedDecodingContainer(StructureContainer(values: values, fields: fields, codingPath: codingPath))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    switch (value, type) {
    case (.list(let items), .list(let field)):
      return ListContainer(items: items, type: field.type, codingPath: codingPath)
    case (.list(let items), .map(let key, let value)):
      var pair = [key, value]
      (pair[0].name, pair[1].name) = ("key", "value")
      return ListContainer(items: items, type: .structure(pair), codingPath: codingPath)
    case (.bytes(let bytes), _):
      return ListContainer(
        items: bytes.map { .unsigned(UInt64($0)) }, type: .unsigned(bits: 8), codingPath: codingPath)
    default: throw mismatch("no list")
    }
  }

  func singleValueContainer() throws -> any SingleValueDecodingContainer { self }

  fileprivate func mismatch(_ message: String) -> DecodingError {
    .typeMismatch(Any.self, DecodingError.Context(codingPath: codingPath, debugDescription: message))
  }
}

extension DataType {
  fileprivate var pairFields: [Field]? {
    if case .structure(let fields) = self { return fields }
    return nil
  }
}

extension ScalarDecoder: SingleValueDecodingContainer {
  func decodeNil() -> Bool { value == .null }

  func decode(_: Bool.Type) throws -> Bool {
    guard case .boolean(let flag) = value else { throw mismatch("no boolean") }
    return flag
  }

  func decode(_: String.Type) throws -> String {
    guard case .bytes(let bytes) = value, let text = String(validating: bytes, as: UTF8.self) else {
      throw mismatch("no text")
    }
    return text
  }

  func decode(_: Double.Type) throws -> Double {
    switch value {
    case .double(let number): return number
    case .float(let number): return Double(number)
    case .int(let number): return Double(number)
    default: throw mismatch("no number")
    }
  }

  func decode(_: Float.Type) throws -> Float {
    guard case .float(let number) = value else { throw mismatch("no single-precision number") }
    return number
  }

  private func integer<Number: FixedWidthInteger>() throws -> Number {
    let number: Number?
    switch value {
    case .int(let value): number = Number(exactly: value)
    case .unsigned(let value): number = Number(exactly: value)
    default: throw mismatch("no whole number")
    }
    guard let number else { throw mismatch("a whole number beyond \(Number.self)") }
    return number
  }

  func decode(_: Int.Type) throws -> Int { try integer() }
  func decode(_: Int8.Type) throws -> Int8 { try integer() }
  func decode(_: Int16.Type) throws -> Int16 { try integer() }
  func decode(_: Int32.Type) throws -> Int32 { try integer() }
  func decode(_: Int64.Type) throws -> Int64 { try integer() }
  func decode(_: UInt.Type) throws -> UInt { try integer() }
  func decode(_: UInt8.Type) throws -> UInt8 { try integer() }
  func decode(_: UInt16.Type) throws -> UInt16 { try integer() }
  func decode(_: UInt32.Type) throws -> UInt32 { try integer() }
  func decode(_: UInt64.Type) throws -> UInt64 { try integer() }
  func decode<Value: Decodable>(_: Value.Type) throws -> Value { try Value(from: self) }
}

/// The fields of a structure by name.
private struct StructureContainer<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let values: [Scalar]
  let fields: [Field]
  let codingPath: [any CodingKey]

  var allKeys: [Key] { fields.compactMap { Key(stringValue: $0.name) } }
  func contains(_ key: Key) -> Bool { fields.contains { $0.name == key.stringValue } }

  private func decoder(_ key: any CodingKey) throws -> ScalarDecoder {
    guard let index = fields.firstIndex(where: { $0.name == key.stringValue }) else {
      throw DecodingError.keyNotFound(
        key, DecodingError.Context(codingPath: codingPath, debugDescription: "no column of this name"))
    }
    return ScalarDecoder(value: values[index], type: fields[index].type, codingPath: codingPath + [key])
  }

  func decodeNil(forKey key: Key) throws -> Bool { try decoder(key).decodeNil() }
  func decode<Value: Decodable>(_: Value.Type, forKey key: Key) throws -> Value { try Value(from: decoder(key)) }
  func nestedContainer<Inner: CodingKey>(
    keyedBy type: Inner.Type, forKey key: Key
  ) throws -> KeyedDecodingContainer<Inner> { try decoder(key).container(keyedBy: type) }
  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    try decoder(key).unkeyedContainer()
  }
  func superDecoder() throws -> any Decoder {
    ScalarDecoder(value: .structure(values), type: .structure(fields), codingPath: codingPath)
  }
  func superDecoder(forKey key: Key) throws -> any Decoder { try decoder(key) }
}

/// The items of a list in order.
private struct ListContainer: UnkeyedDecodingContainer {
  let items: [Scalar]
  let type: DataType
  let codingPath: [any CodingKey]
  private(set) var currentIndex = 0

  init(items: [Scalar], type: DataType, codingPath: [any CodingKey]) {
    self.items = items
    self.type = type
    self.codingPath = codingPath
  }

  var count: Int? { items.count }
  var isAtEnd: Bool { currentIndex == items.count }

  private func decoder() throws -> ScalarDecoder {
    guard !isAtEnd else {
      throw DecodingError.valueNotFound(
        Any.self, DecodingError.Context(codingPath: codingPath, debugDescription: "the list has no further item"))
    }
    return ScalarDecoder(value: items[currentIndex], type: type, codingPath: codingPath)
  }

  mutating func decodeNil() throws -> Bool {
    guard try decoder().decodeNil() else { return false }
    currentIndex += 1
    return true
  }

  mutating func decode<Value: Decodable>(_: Value.Type) throws -> Value {
    let value = try Value(from: decoder())
    currentIndex += 1
    return value
  }

  mutating func nestedContainer<Inner: CodingKey>(keyedBy type: Inner.Type) throws -> KeyedDecodingContainer<Inner> {
    let container = try decoder().container(keyedBy: type)
    currentIndex += 1
    return container
  }

  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
    let container = try decoder().unkeyedContainer()
    currentIndex += 1
    return container
  }

  mutating func superDecoder() throws -> any Decoder { try decoder() }
}
