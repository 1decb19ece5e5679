/// A table as a schema describes it, ready to learn from or to be predicted.
public struct LabelledTable: Sendable {
  /// The columns of the schema, in its order.
  public var features: FeatureMatrix
  /// What happened, 0 or 1 for each row; `nil` where the table does not say.
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
    let names = header.map { String(decoding: $0, as: UTF8.self) }
    func place(_ name: String) throws(ForestError) -> Int? {
      let places = names.indices.filter { names[$0] == name }
      guard places.count <= 1 else { throw ForestError(.badData, "line 1: the column \(name) is there twice") }
      return places.first
    }
    var places: [Int] = []
    for column in schema.columns {
      guard let place = try place(column.name) else {
        throw ForestError(.badData, "line 1: there is no column \(column.name)")
      }
      places.append(place)
    }
    let labelPlace = try place(schema.label)
    if needsTargets, labelPlace == nil { throw ForestError(.badData, "line 1: there is no column \(schema.label)") }
    let groupPlace = try schema.group.flatMap { (name) throws(ForestError) in try place(name) }
    if needsTargets, let group = schema.group, groupPlace == nil {
      throw ForestError(.badData, "line 1: there is no column \(group)")
    }
    let weightPlace = try schema.weight.flatMap { (name) throws(ForestError) in try place(name) }
    if needsTargets, let weight = schema.weight, weightPlace == nil {
      throw ForestError(.badData, "line 1: there is no column \(weight)")
    }
    let cells = schema.columns.map(CellReader.init)
    var weights: [Double] = []
    var groupNumbers: [ArraySlice<UInt8>: Int] = [:]
    var groups: [Int] = []
    var columns = [[Float]](repeating: [], count: places.count)
    var targets: [Double] = []
    let isRegression = schema.task == .regression
    while let row = try rows.next() {
      guard row.count == names.count else {
        throw ForestError(.badData, "line \(rows.line): \(row.count) fields, where line 1 names \(names.count)")
      }
      for (index, place) in places.enumerated() {
        guard let value = cells[index].value(row[place]) else {
          throw ForestError(
            .badData, "line \(rows.line), column \(schema.columns[index].name): \(cells[index].refusal)")
        }
        columns[index].append(value)
      }
      if let groupPlace {
        groups.append(groupNumbers[row[groupPlace], default: groupNumbers.count])
        groupNumbers[row[groupPlace]] = groups.last
      }
      if let weightPlace, needsTargets {
        guard let weight = CellReader.number(row[weightPlace]), weight >= 0 else {
          throw ForestError(.badData, "line \(rows.line), column \(schema.weight ?? ""): no weight from 0")
        }
        weights.append(weight)
      }
      // Whoever only predicts may not know yet what happened.
      guard let labelPlace, needsTargets else { continue }
      guard let target = CellReader.number(row[labelPlace]) else {
        throw ForestError(
          .badData, "line \(rows.line), column \(schema.label): \(isRegression ? "no number" : "neither 0 nor 1")")
      }
      guard isRegression || target == 0 || target == 1 else {
        throw ForestError(.badData, "line \(rows.line), column \(schema.label): neither 0 nor 1")
      }
      targets.append(target)
    }
    features = FeatureMatrix(columns: columns)
    self.targets = labelPlace == nil || !needsTargets ? nil : targets
    self.groups = groupPlace == nil ? nil : groups
    self.weights = weightPlace == nil || !needsTargets ? nil : weights
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
    if text.isEmpty || text.elementsEqual("NA".utf8) || text.elementsEqual("NaN".utf8) { return .nan }
    guard let number = Self.number(text) else { return nil }
    return missing.contains(number) ? .nan : Float(number)
  }

  static func number(_ cell: ArraySlice<UInt8>) -> Double? {
    let number = Double(String(decoding: trimmed(cell), as: UTF8.self))
    return number.flatMap { Float($0).isFinite ? $0 : nil }
  }

  private static func trimmed(_ cell: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let rest = cell.drop { $0 == UInt8(ascii: " ") }
    return rest[..<(rest.lastIndex { $0 != UInt8(ascii: " ") }.map { $0 + 1 } ?? rest.startIndex)]
  }
}
