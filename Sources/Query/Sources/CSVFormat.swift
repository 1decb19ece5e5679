internal import Columnar

/// What a query says of a CSV file: `read_csv('x.csv', header = true, delim = ';')`.
struct CSVOptions: Hashable, Sendable {
  var delimiter: UInt8?
  var quote = UInt8(ascii: "\"")
  var hasHeader: Bool?
  /// What stands for a missing value beside an empty field.
  var nullText = ""
  var isAllText = false
  /// How many records the types are inferred from.
  var sampleSize = 20_480
}

/// The columns of a CSV file as its first records show them.
struct CSVFormat: Sendable {
  var delimiter: UInt8
  var quote: UInt8
  var hasHeader: Bool
  var nullText: [UInt8]
  var names: [String]
  var types: [SQLType]

  /// The most columns.
  private static let mostColumns = 16_384

  /// Infers the format from the beginning of a file.
  ///
  /// - Parameter isWhole: whether the bytes are the whole file.
  static func inferred(
    from bytes: [UInt8], isWhole: Bool, name: String, _ options: CSVOptions
  ) throws(QueryError) -> CSVFormat {
    let delimiter = options.delimiter ?? Self.delimiter(bytes, quote: options.quote)
    var parser = CSVParser(delimiter: delimiter, quote: options.quote, name: name)
    let records = try parser.parse(bytes, isLast: isWhole)
    guard records.count > 0 else {
      throw QueryError(.value, "\(name): no complete record in its first \(bytes.count) bytes – is it a CSV file?")
    }
    let first = records.fields(of: 0).map { Array(records.fields[$0]) }
    guard first.count <= mostColumns else { throw QueryError(.limit, "\(name): more than \(mostColumns) columns") }
    let nullText = Array(options.nullText.utf8)
    var types: [SQLType] = []
    for column in first.indices {
      types.append(
        options.isAllText ? .text : type(of: column, records, nullText, from: 1, upTo: options.sampleSize))
    }
    // A first line of texts above columns of other types, or of different texts, names the columns.
    let isNamed = first.indices.allSatisfy { column in
      !first[column].isEmpty && CSVField.types.allSatisfy { CSVField.value(first[column][...], $0) == nil }
    }
    let hasHeader = options.hasHeader ?? (isNamed && Set(first).count == first.count)
    if !hasHeader, !options.isAllText {
      for column in first.indices {
        types[column] = type(of: column, records, nullText, from: 0, upTo: options.sampleSize)
      }
    }
    var names: [String] = []
    for (column, field) in first.enumerated() {
      var text = hasHeader && !field.isEmpty ? String(decoding: field, as: UTF8.self) : "column\(column)"
      while names.contains(text) { text += "_1" }
      names.append(text)
    }
    return CSVFormat(
      delimiter: delimiter, quote: options.quote, hasHeader: hasHeader, nullText: nullText, names: names, types: types)
  }

  /// The delimiter of which the first line has most.
  private static func delimiter(_ bytes: [UInt8], quote: UInt8) -> UInt8 {
    let candidates = [UInt8(ascii: ","), UInt8(ascii: ";"), 0x09, UInt8(ascii: "|")]
    var counts = [Int](repeating: 0, count: candidates.count)
    var isQuoted = false
    for byte in bytes {
      if byte == quote { isQuoted.toggle() }
      if isQuoted { continue }
      if byte == 0x0A || byte == 0x0D { break }
      if let index = candidates.firstIndex(of: byte) { counts[index] += 1 }
    }
    let best = counts.max() ?? 0
    return best == 0 ? candidates[0] : candidates[counts.firstIndex(of: best) ?? 0]
  }

  /// The first of the types that all values of a column can be read as; texts where there are none.
  private static func type(
    of column: Int, _ records: CSVRecords, _ nullText: [UInt8], from first: Int, upTo count: Int
  ) -> SQLType {
    var candidates = CSVField.types
    var isEmpty = true
    for record in first..<max(first, min(records.count, first + count)) {
      let fields = records.fields(of: record)
      guard column < fields.count else { continue }
      let field = records.fields[fields.lowerBound + column]
      if records.isQuoted[fields.lowerBound + column] ? false : field.isEmpty || field.elementsEqual(nullText) {
        continue
      }
      isEmpty = false
      candidates.removeAll { CSVField.value(field, $0) == nil }
      if candidates.isEmpty { return .text }
    }
    return isEmpty ? .text : candidates[0]
  }
}

/// Values of fields.
enum CSVField {
  /// The types that are looked for, the narrowest first.
  static let types: [SQLType] = [.int64, .double, .boolean, .date, .timestamp, .timestampUTC]

  /// The value of a field under a type; `nil` where it has none.
  static func value(_ field: ArraySlice<UInt8>, _ type: SQLType) -> Value? {
    if type == .text { return .bytes(Array(field)) }
    guard let first = field.first, field.count <= 64 else { return nil }
    let text = String(decoding: field, as: UTF8.self)
    switch type {
    case .int64: return isPlain(field) ? Int64(text).map { .int($0) } : nil
    case .double:
      guard first.isDigit || first == UInt8(ascii: "-") || first == UInt8(ascii: "."), isPlain(field) else {
        return nil
      }
      return Double(text).map { .double($0) }
    case .boolean:
      switch text.lowercased() {
      case "true": return .flag(true)
      case "false": return .flag(false)
      default: return nil
      }
    case .date: return field.count == 10 ? TimeText.date(text).map { .int($0) } : nil
    default:
      guard first.isDigit, field.count > 10 else { return nil }
      let hasZone = field.dropFirst(10).contains {
        [UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "Z")].contains($0)
      }
      return hasZone == (type == .timestampUTC) ? TimeText.timestamp(text).map { .int($0) } : nil
    }
  }

  /// Whether a number is written as numbers are: `007` and `+49` are names.
  private static func isPlain(_ field: ArraySlice<UInt8>) -> Bool {
    let digits = field.first == UInt8(ascii: "-") ? field.dropFirst() : field
    guard let first = digits.first, first.isDigit || first == UInt8(ascii: ".") else { return false }
    return first != UInt8(ascii: "0") || digits.count == 1 || !digits[digits.startIndex + 1].isDigit
  }
}
