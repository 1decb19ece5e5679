/// A table as a schema describes it, ready to learn from or to be predicted.
public struct LabelledTable: Sendable {
  /// The columns of the schema, in its order.
  public var features: FeatureMatrix
  /// What happened, 0 or 1 for each row, the number of a class, or a number; `nil` where the table does not say.
  public var targets: [Double]?
  /// Which rows belong together, as a number for each row; `nil` where the schema names no such column.
  public var groups: [Int]?

  /// How much each row counts in learning; `nil` where all count alike.
  public var weights: [Double]?

  /// Takes a table.
  public init(features: FeatureMatrix, targets: [Double]?, groups: [Int]? = nil, weights: [Double]? = nil) {
    self.features = features
    self.targets = targets
    self.groups = groups
    self.weights = weights
  }

  /// Reads comma-separated values whose first line names the columns. Columns that the schema does not name are left
  /// aside; an empty cell, `NA`, `NaN`, and what the schema says so of, is a missing value.
  ///
  /// - Parameter needsTargets: whether a table without the label's column is refused.
  /// - Throws: ``ForestError`` with ``ForestError/Code/badData`` that names line and column, and quotes no cell.
  public init(csv bytes: [UInt8], schema: TableSchema, needsTargets: Bool) throws(ForestError) {
    var rows = CSVRows(bytes)
    guard let header = try rows.next() else { throw ForestError(.badData, "line 1: there are no column names") }
    let layout = try TableLayout(header, schema, needsTargets: needsTargets)
    let cells = schema.columns.map(CellReader.init)
    let label = LabelReader(schema)
    var groupNumbers: [ArraySlice<UInt8>: Int] = [:]
    var (groups, weights, targets) = ([Int](), [Double](), [Double]())
    var columns = [[Float]](repeating: [], count: cells.count)
    while let row = try rows.next() {
      func refusal(_ column: String, _ what: String) -> ForestError {
        ForestError(.badData, "line \(rows.line), column \(column): \(what)")
      }
      guard row.count == header.count else {
        throw ForestError(.badData, "line \(rows.line): \(row.count) fields, where line 1 names \(header.count)")
      }
      for (index, place) in layout.columns.enumerated() {
        guard let value = cells[index].value(row[place]) else {
          throw refusal(schema.columns[index].name, cells[index].refusal)
        }
        columns[index].append(value)
      }
      if let place = layout.group {
        groups.append(groupNumbers[row[place], default: groupNumbers.count])
        groupNumbers[row[place]] = groups.last
      }
      if let place = layout.weight {
        guard let weight = CellReader.number(row[place]), weight >= 0 else {
          throw refusal(schema.weight ?? "", "no weight from 0")
        }
        weights.append(weight)
      }
      if let place = layout.label {
        guard let target = label.target(row[place]) else { throw refusal(schema.label, label.refusal) }
        targets.append(target)
      }
    }
    features = FeatureMatrix(columns: columns)
    self.targets = layout.label == nil ? nil : targets
    self.groups = layout.group == nil ? nil : groups
    self.weights = layout.weight == nil ? nil : weights
  }
}

/// Where the columns of a schema stand in a table.
private struct TableLayout {
  var columns: [Int] = []
  /// Of label and weight only where they are needed: whoever only predicts may not know yet what happened.
  var label, group, weight: Int?

  init(_ header: [ArraySlice<UInt8>], _ schema: TableSchema, needsTargets: Bool) throws(ForestError) {
    let names = header.map { String(decoding: $0, as: UTF8.self) }
    func place(_ name: String) throws(ForestError) -> Int? {
      let places = names.indices.filter { names[$0] == name }
      guard places.count <= 1 else { throw ForestError(.badData, "line 1: the column \(name) is there twice") }
      return places.first
    }
    func needed(_ name: String) throws(ForestError) -> Int {
      guard let place = try place(name) else { throw ForestError(.badData, "line 1: there is no column \(name)") }
      return place
    }
    for column in schema.columns { columns.append(try needed(column.name)) }
    if needsTargets {
      label = try needed(schema.label)
      if let name = schema.group { group = try needed(name) }
      if let name = schema.weight { weight = try needed(name) }
    } else if let name = schema.group {
      group = try place(name)
    }
  }
}

/// Reads the cells of a column.
struct CellReader {
  private let missing: [Double]
  private let categories: [ArraySlice<UInt8>: Float]?

  init(_ column: TableSchema.Column) {
    missing = column.missing ?? []
    categories = column.categories.map { words in
      Dictionary(uniqueKeysWithValues: words.enumerated().map { (Array($1.utf8)[...], Float($0)) })
    }
  }

  /// What is wrong with a cell that has no value.
  var refusal: String { categories == nil ? "no number" : "none of the schema's categories" }

  /// A cell's value, NaN where it is missing, `nil` where it is none.
  func value(_ cell: ArraySlice<UInt8>) -> Float? {
    let text = Self.trimmed(cell)
    if let categories {
      if let place = categories[text] { return place }
      return text.isEmpty || text.elementsEqual("NA".utf8) ? .nan : nil
    }
    if Self.isMissing(text) { return .nan }
    guard let number = Self.number(text) else { return nil }
    return missing.contains(number) ? .nan : Float(number)
  }

  /// Whether a trimmed cell says that nothing is known.
  static func isMissing(_ text: ArraySlice<UInt8>) -> Bool {
    text.isEmpty || text.elementsEqual("NA".utf8) || text.elementsEqual("NaN".utf8)
  }

  static func number(_ cell: ArraySlice<UInt8>) -> Double? {
    let number = Double(String(decoding: trimmed(cell), as: UTF8.self))
    return number.flatMap { Float($0).isFinite ? $0 : nil }
  }

  static func trimmed(_ cell: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let rest = cell.drop { $0 == UInt8(ascii: " ") }
    return rest[..<(rest.lastIndex { $0 != UInt8(ascii: " ") }.map { $0 + 1 } ?? rest.startIndex)]
  }
}

/// Reads the cells of a label.
public struct LabelReader: Sendable {
  private let isRegression: Bool
  private let words: [ArraySlice<UInt8>: Double]?
  /// Words that are numbers as well, of which a cell may be written in another way.
  private let numbers: [Double: Double]

  /// Reads the label of a schema.
  public init(_ schema: TableSchema) {
    isRegression = schema.task == .regression
    words = schema.classes.map { classes in
      Dictionary(uniqueKeysWithValues: classes.enumerated().map { (Array($1.utf8)[...], Double($0)) })
    }
    let places = (schema.classes ?? []).enumerated().compactMap { place, word in
      Double(word).map { ($0, Double(place)) }
    }
    numbers = Dictionary(places) { first, _ in first }
  }

  /// What is wrong with a cell that is none.
  public var refusal: String {
    if isRegression { return "no number" }
    return words == nil ? "neither 0 nor 1; a schema lists other classes" : "none of the schema's classes"
  }

  /// The target of a cell of text: a number, or the number of a class; `nil` for anything else.
  public func target(_ cell: ArraySlice<UInt8>) -> Double? {
    if let words, let place = words[CellReader.trimmed(cell)] { return place }
    return CellReader.number(cell).flatMap(target)
  }

  /// The target of a number.
  public func target(_ number: Double) -> Double? {
    if words != nil { return numbers[number] }
    return number.isFinite && (isRegression || number == 0 || number == 1) ? number : nil
  }
}
