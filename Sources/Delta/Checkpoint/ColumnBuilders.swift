import Columnar

/// Texts, one a row.
struct TextBuilder {
  private var strings = ByteStrings()
  private var validity = Bitmap()

  mutating func append(_ text: String?) {
    strings.append((text ?? "").utf8)
    validity.append(text != nil)
  }

  var count: Int { validity.count }
  var column: Column { Column(type: .string, values: .bytes(strings), validity: validity.unlessFull) }
}

/// Whole numbers, one a row.
struct IntegerBuilder {
  private var values: [Int64] = []
  private var validity = Bitmap()

  mutating func append(_ value: Int64?) {
    values.append(value ?? 0)
    validity.append(value != nil)
  }

  var column: Column { Column(type: .int(bits: 64), values: .int64(values), validity: validity.unlessFull) }

  /// The same numbers in 32 bits; larger ones are clamped.
  var narrow: Column {
    Column(type: .int(bits: 32), values: .int32(values.map(Int32.init(clamping:))), validity: validity.unlessFull)
  }
}

/// Truth values, one a row.
struct BooleanBuilder {
  private var values = Bitmap()
  private var validity = Bitmap()

  mutating func append(_ value: Bool?) {
    values.append(value ?? false)
    validity.append(value != nil)
  }

  var column: Column { Column(type: .boolean, values: .boolean(values), validity: validity.unlessFull) }
}

/// Maps or lists of texts, one a row.
struct TextsBuilder {
  private var offsets: [Int32] = [0]
  private var keys = TextBuilder()
  private var values = TextBuilder()
  private var validity = Bitmap()

  mutating func append(_ map: [String: String?]?) {
    for (key, value) in (map ?? [:]).sorted(by: { $0.key < $1.key }) {
      keys.append(key)
      values.append(value)
    }
    end(isValid: map != nil)
  }

  mutating func append(_ list: [String]?) {
    for value in list ?? [] { values.append(value) }
    end(isValid: list != nil)
  }

  private mutating func end(isValid: Bool) {
    offsets.append(Int32(values.count))
    validity.append(isValid)
  }

  var map: Column {
    let pairs = [Field("key", .string, isNullable: false), Field("value", .string)]
    let items = Column(
      type: .structure(pairs), values: .structure([keys.column, values.column], count: values.count))
    return Column(
      type: CheckpointSchema.texts, values: .list(offsets: offsets, items: items), validity: validity.unlessFull)
  }

  var list: Column {
    Column(
      type: CheckpointSchema.list, values: .list(offsets: offsets, items: values.column),
      validity: validity.unlessFull)
  }
}

extension Bitmap {
  /// The bits, or `nil` where all are set.
  var unlessFull: Bitmap? { setCount == count ? nil : self }
}
