public import Columnar

extension Column {
  /// A column of `count` equal rows, stored as a dictionary of one value.
  ///
  /// The value must be of the kind that ``Column/scalar(at:)`` gives for the type; another kind, like ``Scalar/null``,
  /// gives nulls.
  public static func repeating(_ value: Scalar, type: DataType, count: Int) -> Column {
    guard let single = ColumnValues(single: value, type: type) else {
      return Column(
        type: type, values: .int32(Array(repeating: 0, count: count)),
        validity: Bitmap(repeating: false, count: count))
    }
    return Column(type: type, values: .dictionary(codes: Array(repeating: 0, count: count), values: single))
  }
}

extension ColumnValues {
  /// One value in the layout of its type; `nil` where the two do not go together.
  fileprivate init?(single value: Scalar, type: DataType) {
    switch (value, type) {
    case (.boolean(let value), .boolean): self = .boolean(Bitmap(repeating: value, count: 1))
    case (.int(let value), .int(let bits)) where bits <= 32: self = .int32([Int32(truncatingIfNeeded: value)])
    case (.int(let value), .date), (.int(let value), .time(.milliseconds, _)):
      self = .int32([Int32(truncatingIfNeeded: value)])
    case (.int(let value), .int), (.int(let value), .time), (.int(let value), .timestamp), (.int(let value), .decimal):
      self = .int64([value])
    case (.unsigned(let value), .unsigned): self = .int64([Int64(bitPattern: value)])
    case (.float(let value), .float): self = .float([value])
    case (.double(let value), .double): self = .double([value])
    case (.bytes(let bytes), .uuid), (.bytes(let bytes), .int96), (.bytes(let bytes), .interval),
      (.bytes(let bytes), .float16), (.bytes(let bytes), .fixedBinary):
      self = .fixed(width: bytes.count, bytes)
    case (.bytes(let bytes), .string), (.bytes(let bytes), .enumeration), (.bytes(let bytes), .json),
      (.bytes(let bytes), .bson), (.bytes(let bytes), .binary), (.bytes(let bytes), .decimal):
      self = .bytes(ByteStrings(offsets: [0, Int32(truncatingIfNeeded: bytes.count)], bytes: bytes))
    default: return nil
    }
  }
}

extension DataType {
  /// Whether ``Scalar/init(partitionText:type:)`` reads values of this type.
  public var hasPartitionText: Bool {
    switch self {
    case .string, .boolean, .int, .double, .date: true
    default: false
    }
  }
}

extension Scalar {
  /// Reads the text of a partition's value; `nil` where it is no value of the type.
  public init?(partitionText text: String, type: DataType) {
    switch type {
    case .string: self = .bytes(Array(text.utf8))
    case .boolean:
      guard let value = Bool(text.lowercased()) else { return nil }
      self = .boolean(value)
    case .int:
      guard let value = Int64(text) else { return nil }
      self = .int(value)
    case .double:
      guard let value = Double(text) else { return nil }
      self = .double(value)
    case .date:
      guard let date = CivilDate(text) else { return nil }
      self = .int(Int64(date.daysSinceEpoch))
    default: return nil
    }
  }

  /// The value as a person reads it, by the rules of printed rows; linear in its length.
  public func text(type: DataType) -> String {
    var cell = CellText(style: .terminal)
    cell.fill(Column.repeating(self, type: type, count: 1), 0..<1, isContinued: false)
    return cell.text.withBytes { String(decoding: $0[cell.starts[0]..<cell.ends[0]], as: UTF8.self) }
  }
}

extension CivilDate {
  /// Reads `YYYY-MM-DD`; `nil` for any other text and for days that the calendar lacks.
  public init?(_ text: String) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0].utf8.count == 4, parts[1].utf8.count == 2, parts[2].utf8.count == 2,
      text.utf8.allSatisfy({ $0 == 0x2D || (0x30...0x39).contains($0) }),
      let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2])
    else { return nil }
    self.init(year: year, month: month, day: day)
    guard CivilDate(daysSinceEpoch: daysSinceEpoch) == self else { return nil }
  }
}
