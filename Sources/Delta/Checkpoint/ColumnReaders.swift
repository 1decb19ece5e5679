import Columnar

/// A column of structures, by the names of their fields. A field that is missing, or of another type than asked for,
/// reads as null everywhere.
struct Structures {
  private let fields: [Field]
  private let columns: [Column]
  /// The rows that have a value.
  let present: [Int]

  init?(_ column: Column) {
    guard case .structure(let fields) = column.type, case .structure(let columns, let count) = column.values,
      fields.count == columns.count
    else { return nil }
    self.fields = fields
    self.columns = columns
    present = (0..<count).filter { column.isValid($0) }
  }

  func column(_ name: String) -> Column? {
    fields.firstIndex { $0.name == name }.map { columns[$0].withoutDictionary() }
  }

  func texts(_ name: String) -> Texts { Texts(column(name)) }
  func integers(_ name: String) -> Integers { Integers(column(name)) }
  func booleans(_ name: String) -> Booleans { Booleans(column(name)) }
  func maps(_ name: String) -> TextMaps { TextMaps(column(name)) }
  func lists(_ name: String) -> TextLists { TextLists(column(name)) }
}

/// A column of texts.
struct Texts {
  private let column: Column?
  private let strings: ByteStrings

  init(_ column: Column?) {
    guard let column, case .bytes(let strings) = column.values else {
      self.column = nil
      self.strings = ByteStrings()
      return
    }
    self.column = column
    self.strings = strings
  }

  subscript(row: Int) -> String? {
    guard let column, column.isValid(row) else { return nil }
    return String(decoding: strings[row], as: UTF8.self)
  }
}

/// A column of whole numbers of any width.
struct Integers {
  private let column: Column?

  init(_ column: Column?) { self.column = column }

  subscript(row: Int) -> Int64? {
    guard let column, column.isValid(row) else { return nil }
    switch column.values {
    case .int32(let values): return Int64(values[row])
    case .int64(let values): return values[row]
    default: return nil
    }
  }
}

/// A column of truth values.
struct Booleans {
  private let column: Column?

  init(_ column: Column?) { self.column = column }

  subscript(row: Int) -> Bool? {
    guard let column, column.isValid(row), case .boolean(let bits) = column.values else { return nil }
    return bits[row]
  }
}

/// A column of maps from text to text.
struct TextMaps {
  private let column: Column?
  private let keys: Texts
  private let values: Texts

  init(_ column: Column?) {
    guard let column, case .list(_, let items) = column.values, case .structure(let pair, _) = items.values,
      pair.count == 2
    else {
      self.column = nil
      keys = Texts(nil)
      values = Texts(nil)
      return
    }
    self.column = column
    keys = Texts(pair[0])
    values = Texts(pair[1])
  }

  /// The map of a row; equal keys share one text, kept in `names`.
  func map(at row: Int, _ names: inout [String: String]) -> [String: String?]? {
    guard let column, column.isValid(row), case .list(let offsets, _) = column.values else { return nil }
    var result: [String: String?] = [:]
    for index in Int(offsets[row])..<Int(offsets[row + 1]) {
      guard let key = keys[index] else { continue }
      let name = names[key] ?? key
      if names.count < 10_000 { names[name] = name }
      result.updateValue(values[index], forKey: name)
    }
    return result
  }
}

/// A column of lists of texts.
struct TextLists {
  private let column: Column?
  private let items: Texts

  init(_ column: Column?) {
    guard let column, case .list(_, let items) = column.values else {
      self.column = nil
      self.items = Texts(nil)
      return
    }
    self.column = column
    self.items = Texts(items)
  }

  subscript(row: Int) -> [String]? {
    guard let column, column.isValid(row), case .list(let offsets, _) = column.values else { return nil }
    return (Int(offsets[row])..<Int(offsets[row + 1])).compactMap { items[$0] }
  }
}
