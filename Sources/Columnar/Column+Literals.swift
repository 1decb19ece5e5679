// Columns out of single values, for tables that somebody writes down: tests, examples, small jobs.

extension Column {
  /// Numbers in double precision; `nil` for a row without a value.
  public init(doubles: [Double?]) {
    self.init(type: .double, values: .double(doubles.map { $0 ?? 0 }), validity: Self.validity(doubles))
  }

  /// Whole numbers of 64 bits; `nil` for a row without a value.
  public init(integers: [Int64?]) {
    self.init(type: .int(bits: 64), values: .int64(integers.map { $0 ?? 0 }), validity: Self.validity(integers))
  }

  /// Truth values; `nil` for a row without one.
  public init(booleans: [Bool?]) {
    let bits = Bitmap(booleans.map { $0 ?? false })
    self.init(type: .boolean, values: .boolean(bits), validity: Self.validity(booleans))
  }

  /// Texts; `nil` for a row without one.
  ///
  /// - Precondition: all texts together stay below 2 GiB.
  public init(strings: [String?]) {
    var bytes = ByteStrings()
    for string in strings { bytes.append((string ?? "").utf8) }
    self.init(type: .string, values: .bytes(bytes), validity: Self.validity(strings))
  }

  private static func validity<Value>(_ values: [Value?]) -> Bitmap? {
    values.contains { $0 == nil } ? Bitmap(values.map { $0 != nil }) : nil
  }
}

extension RecordBatch {
  /// Columns of one length under their names, all of which may have rows without a value.
  ///
  /// - Precondition: columns of one length.
  public init(_ columns: KeyValuePairs<String, Column>) {
    let fields = columns.map { Field($0.key, $0.value.type) }
    self.init(schema: Schema(fields), columns: columns.map(\.value))
  }
}
