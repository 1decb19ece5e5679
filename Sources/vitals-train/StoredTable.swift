import Columnar
import CommandSupport
import Forest
import Query

/// Any table at a location as rows of a schema.
struct StoredTable {
  let location: String
  let settings: Settings

  /// The most cells in memory.
  private static let mostCells = 200_000_000
  /// The most words of a column of text.
  private static let mostWords = 255

  /// What the table itself says of its columns: numbers as they are, flags as 0 and 1, texts as categories.
  ///
  /// - Parameters:
  ///   - others: columns that are not learned from.
  ///   - features: the columns that are; all by default.
  func schema(label: String, besides others: [String], features: [String]?) async throws -> TableSchema {
    let fields = try await fields()
    for name in [label] + others + (features ?? []) where !fields.contains(where: { $0.name == name }) {
      throw CommandError("\(location): there is no column \(name)", exit: .usage)
    }
    var columns: [TableSchema.Column] = []
    for field in fields where field.name != label && !others.contains(field.name) {
      guard features?.contains(field.name) ?? true else { continue }
      var column = TableSchema.Column(name: field.name)
      if Self.isText(field.type) {
        column.categories = try await words(field.name)
      } else if !Self.isNumber(field.type) {
        guard features != nil else { continue }
        throw CommandError("\(location): the column \(field.name) holds neither numbers nor texts", exit: .usage)
      }
      columns.append(column)
    }
    return TableSchema(name: label, label: label, columns: columns)
  }

  /// A schema with the words of its label as classes, where the label holds texts and the schema says nothing of them.
  func findingClasses(_ schema: TableSchema) async throws -> TableSchema {
    guard schema.classes == nil, schema.task != .regression,
      let field = try await fields().first(where: { $0.name == schema.label }), Self.isText(field.type)
    else { return schema }
    let words = try await words(schema.label, instead: "choose another --label")
    return try naming(location) { try schema.naming(classes: words) }
  }

  /// The rows, in the table's order.
  func rows(_ schema: TableSchema, needsTargets: Bool) async throws -> LabelledTable {
    let fields = try await fields()
    var names = schema.columns.map(\.name)
    if needsTargets { names += [schema.label] + [schema.weight, schema.group].compactMap { $0 } }
    for name in names where !fields.contains(where: { $0.name == name }) {
      throw CommandError("\(location): there is no column \(name)", exit: .dataError)
    }
    let chosen = names.enumerated().map { number, name in
      let type = fields.first { $0.name == name }?.type ?? .null
      // Whole numbers and decimals of any kind become doubles; flags and texts stay.
      let isCast = Self.isNumber(type) && type != .boolean && name != schema.group
      return isCast ? "cast(\(quoted(name)) as double) as c\(number)" : "\(quoted(name)) as c\(number)"
    }
    var reader = RowReader(schema: schema, location: location, needsTargets: needsTargets)
    try await run("select \(chosen.joined(separator: ", ")) from \(table)") { batch in
      try reader.append(batch)
      guard reader.rowCount * names.count <= Self.mostCells else {
        throw CommandError(
          "\(location): more than \(Self.mostCells) values – choose some columns with --features", exit: .usage)
      }
    }
    return reader.table
  }

  private func fields() async throws -> [Field] {
    var fields: [Field] = []
    try await run("select * from \(table) limit 0", schema: { fields = $0.fields }, batch: { _ in })
    return fields
  }

  /// The different texts of a column, in the order of their bytes.
  ///
  /// - Parameter instead: what to do where there are too many, or none.
  private func words(
    _ name: String, instead: String = "choose others with --features"
  ) async throws -> [String] {
    var words: [String] = []
    let column = quoted(name)
    try await run(
      "select distinct \(column) as word from \(table) where \(column) is not null limit \(Self.mostWords + 1)"
    ) { batch in
      guard case .bytes(let texts)? = batch.columns.first?.withoutDictionary().values else { return }
      for row in 0..<batch.rowCount where !texts[row].isEmpty {
        words.append(String(decoding: texts[row], as: UTF8.self))
      }
    }
    guard words.count <= Self.mostWords, !words.isEmpty else {
      throw CommandError(
        "\(location): the column \(name) holds no text or more than \(Self.mostWords) different ones – "
          + instead, exit: .usage)
    }
    return words.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  private var table: String { "'\(location.replacing("'", with: "''"))'" }

  private func quoted(_ name: String) -> String { "\"\(name.replacing("\"", with: "\"\""))\"" }

  private static func isText(_ type: DataType) -> Bool { type == .string || type == .enumeration }

  private static func isNumber(_ type: DataType) -> Bool {
    switch type {
    case .boolean, .int, .unsigned, .float16, .float, .double, .decimal: true
    default: false
    }
  }

  private func run(
    _ sql: String, schema: (Schema) throws -> Void = { _ in }, batch: (RecordBatch) throws -> Void
  ) async throws {
    // One thread keeps the table's order, in which predictions are read.
    let options = QueryOptions(threads: 1)
    let session = QuerySession(catalog: LocationCatalog(settings: settings), options: options)
    do {
      try await session.run(sql, started: schema, batch)
    } catch let error as QueryError {
      throw CommandError("\(location): \(error)")
    }
  }
}

/// Batches of a query as rows of a schema: its columns in order, then label, weight and group if they are wanted.
private struct RowReader {
  let schema: TableSchema
  let location: String
  let needsTargets: Bool
  private(set) var rowCount = 0
  private var columns: [[Float]]
  private var targets: [Double] = []
  private var weights: [Double] = []
  private var groups: [Int] = []
  private var groupNumbers: [Scalar: Int] = [:]
  private let places: [[ArraySlice<UInt8>: Float]]
  private let label: LabelReader

  init(schema: TableSchema, location: String, needsTargets: Bool) {
    self.schema = schema
    self.location = location
    self.needsTargets = needsTargets
    columns = [[Float]](repeating: [], count: schema.columns.count)
    label = LabelReader(schema)
    places = schema.columns.map { column in
      let words = column.categories ?? []
      return Dictionary(uniqueKeysWithValues: words.enumerated().map { (Array($1.utf8)[...], Float($0)) })
    }
  }

  var table: LabelledTable {
    LabelledTable(
      features: FeatureMatrix(columns: columns), targets: needsTargets ? targets : nil,
      groups: schema.group == nil || !needsTargets ? nil : groups,
      weights: schema.weight == nil || !needsTargets ? nil : weights)
  }

  mutating func append(_ batch: RecordBatch) throws {
    defer { rowCount += batch.rowCount }
    for (place, column) in schema.columns.enumerated() {
      let values = batch.columns[place].withoutDictionary()
      if column.categories != nil {
        try appendWords(values, place, column)
      } else {
        let missing = column.missing ?? []
        columns[place] += try numbers(values, column.name)
          .map { $0.isFinite && !missing.contains($0) ? Float($0) : .nan }
      }
    }
    guard needsTargets else { return }
    var next = schema.columns.count
    try appendTargets(batch.columns[next].withoutDictionary())
    if let weight = schema.weight {
      next += 1
      for value in try numbers(batch.columns[next].withoutDictionary(), weight) {
        guard value.isFinite, value >= 0 else { throw refusal(weight, "no weight from 0", weights.count) }
        weights.append(value)
      }
    }
    if schema.group != nil {
      let column = batch.columns[next + 1].withoutDictionary()
      for row in 0..<batch.rowCount {
        let key = column.scalar(at: row)
        groups.append(groupNumbers[key, default: groupNumbers.count])
        groupNumbers[key] = groups.last
      }
    }
  }

  private mutating func appendTargets(_ values: Column) throws {
    let found: [Double?] =
      if schema.classes != nil, case .bytes(let texts) = values.values {
        (0..<values.count).map { values.isValid($0) ? label.target(texts[$0]) : nil }
      } else {
        try numbers(values, schema.label).map(label.target)
      }
    for target in found {
      guard let target else { throw refusal(schema.label, label.refusal, targets.count) }
      targets.append(target)
    }
  }

  private mutating func appendWords(_ values: Column, _ place: Int, _ column: TableSchema.Column) throws {
    guard case .bytes(let texts) = values.values else {
      throw CommandError("\(location): the column \(column.name) holds no texts", exit: .dataError)
    }
    for row in 0..<values.count {
      if !values.isValid(row) || texts[row].isEmpty {
        columns[place].append(.nan)
      } else if let number = places[place][texts[row]] {
        columns[place].append(number)
      } else {
        throw refusal(column.name, "none of the schema's categories", rowCount + row)
      }
    }
  }

  private func numbers(_ column: Column, _ name: String) throws -> [Double] {
    let isValid = { (row: Int) in column.isValid(row) }
    switch column.values {
    case .double(let values): return values.indices.map { isValid($0) ? values[$0] : .nan }
    case .boolean(let flags): return (0..<column.count).map { isValid($0) ? flags[$0] ? 1 : 0 : .nan }
    default: throw CommandError("\(location): the column \(name) holds no numbers", exit: .dataError)
    }
  }

  private func refusal(_ column: String, _ what: String, _ row: Int) -> CommandError {
    CommandError("\(location): row \(row + 1), column \(column): \(what)", exit: .dataError)
  }
}
