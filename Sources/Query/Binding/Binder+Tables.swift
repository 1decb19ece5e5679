extension Binder {
  /// Binds what `FROM` reads.
  mutating func bindTable(_ syntax: TableSyntax) throws(QueryError) -> Relation {
    switch syntax {
    case .named(let name, let isQuoted, let alias):
      return try renamed(try bindNamed(name, isQuoted: isQuoted), alias ?? Self.defaultAlias(name, isQuoted))
    case .function(let name, let arguments, _, let alias) where name.isUnnest:
      return try bindUnnest(name, arguments, alias, beside: nil)
    case .function(let name, let arguments, let named, let alias):
      return try renamed(
        try bindFunction(name, arguments, named), alias ?? TableAlias(name: Name(text: name.text, range: name.range)))
    case .query(let query, let alias):
      return try renamed(try sealed { (binder) throws(QueryError) in try binder.bindQuery(query) }, alias)
    case .join(let left, let right, let join): return try bindJoin(left, right, join)
    }
  }

  /// A path is called by the name of its file.
  private static func defaultAlias(_ name: Name, _ isQuoted: Bool) -> TableAlias {
    guard isQuoted else { return TableAlias(name: name) }
    let last = name.text.split(separator: "/").last.map(String.init) ?? name.text
    let stem = last.split(separator: ".").first.map(String.init) ?? last
    return TableAlias(name: Name(text: stem, range: name.range))
  }

  private func renamed(_ relation: Relation, _ alias: TableAlias?) throws(QueryError) -> Relation {
    guard let alias else { return relation }
    var relation = relation
    let visible = relation.scope.columns.indices.filter { !relation.scope.columns[$0].isHidden }
    guard alias.columns.count <= visible.count else {
      throw QueryError(
        .binding, "\(alias.columns.count) names for \(visible.count) columns", at: alias.name.range)
    }
    for index in relation.scope.columns.indices { relation.scope.columns[index].table = alias.name.text }
    for (index, name) in zip(visible, alias.columns) { relation.scope.columns[index].name = name.text }
    return relation
  }

  private mutating func bindNamed(_ name: Name, isQuoted: Bool) throws(QueryError) -> Relation {
    let lower = name.text.lowercased()
    if let index = withs.lastIndex(where: { $0.name == lower }) {
      // A common table sees only those before it.
      let table = withs[index].table
      let saved = withs
      withs = Array(withs[..<index])
      defer { withs = saved }
      var relation = try sealed { (binder) throws(QueryError) in try binder.bindQuery(table.query) }
      if !table.columns.isEmpty {
        relation = try renamed(relation, TableAlias(name: table.name, columns: table.columns))
      }
      return relation
    }
    if let view = views[lower] {
      let saved = withs
      withs = []
      defer { withs = saved }
      return try sealed { (binder) throws(QueryError) in try binder.bindQuery(view) }
    }
    let isCSV = isQuoted && (lower.hasSuffix(".csv") || lower.hasSuffix(".tsv"))
    let options = isCSV ? try CSVOptions([], location: name.text) : nil
    return try scan(TableKey(function: isCSV ? "csv" : "", location: name.text, csv: options), name.range)
  }

  private mutating func bindFunction(
    _ name: Name, _ arguments: [ExpressionSyntax], _ named: [(Name, ExpressionSyntax)]
  ) throws(QueryError) -> Relation {
    let function = name.text.lowercased()
    switch function {
    case "read_parquet", "parquet_scan", "delta", "delta_scan":
      var key = TableKey(function: function.hasPrefix("delta") ? "delta" : "parquet", location: "")
      let locations = try locations(arguments, name)
      guard locations.count == 1 || key.function == "parquet" else {
        throw QueryError(.binding, "\(name.text) takes one location in single quotes", at: name.range)
      }
      (key.location, key.others) = (locations[0], Array(locations.dropFirst()))
      var shown: Set<String> = []
      for (option, value) in named {
        guard case .boolean(let flag) = value.kind else {
          throw QueryError(
            .notSupported, "the option \(option.text) with another value than true or false", at: option.range)
        }
        switch option.text.lowercased() {
        case "filename", "file_row_number": if flag { shown.insert(option.text.lowercased()) }
        case "union_by_name": key.unionsByName = flag
        case "hive_partitioning": key.readsPartitions = flag
        case "hive_types_autocast", "binary_as_string":
          throw QueryError(.notSupported, "the option \(option.text)", at: option.range)
        default:
          let known = ["filename", "file_row_number", "hive_partitioning", "union_by_name"]
          throw QueryError(
            .notSupported, "the option \(option.text)\(Suggestion.text(for: option.text, among: known))",
            at: option.range)
        }
      }
      var relation = try scan(key, arguments[0].range)
      for index in relation.scope.columns.indices where shown.contains(relation.scope.columns[index].name) {
        relation.scope.columns[index].isHidden = false
      }
      return relation
    case "read_csv", "read_csv_auto":
      guard arguments.count == 1, case .text(let location) = arguments[0].kind else {
        throw QueryError(.binding, "\(name.text) takes one location in single quotes", at: name.range)
      }
      let key = TableKey(function: "csv", location: location, csv: try CSVOptions(named, location: location))
      return try scan(key, arguments[0].range)
    case "range", "generate_series": return try bindRange(function, arguments, name.range)
    default: throw QueryError(.notSupported, "the table function \(name.text)", at: name.range)
    }
  }

  /// The locations that a function reads: one in quotes, or a list of them.
  private func locations(_ arguments: [ExpressionSyntax], _ name: Name) throws(QueryError) -> [String] {
    var items = arguments
    if case .list(let inner)? = arguments.only?.kind { items = inner } else { items = Array(arguments.prefix(2)) }
    var locations: [String] = []
    for item in items {
      guard case .text(let location) = item.kind, arguments.count == 1 else {
        throw QueryError(
          .binding, "\(name.text) takes a location in single quotes, or a list of them", at: item.range)
      }
      locations.append(location)
    }
    guard !locations.isEmpty, locations.count <= 10_000 else {
      throw QueryError(.binding, "\(name.text) takes 1 to 10000 locations", at: name.range)
    }
    return locations
  }

  /// `range(stop)`, `range(start, stop, step)`: whole numbers as a table.
  private mutating func bindRange(
    _ function: String, _ arguments: [ExpressionSyntax], _ range: Range<Int>
  ) throws(QueryError) -> Relation {
    var numbers: [Int64] = []
    for argument in arguments {
      let bound = try ExpressionBinder.bind(argument, Scope(), &self)
      guard bound.type.isInteger, case .int(let value)? = try Coercion.cast(bound, to: .int64, at: range).constant
      else {
        throw QueryError(.notSupported, "\(function) of something else than whole numbers", at: argument.range)
      }
      numbers.append(value)
    }
    guard (1...3).contains(numbers.count) else {
      throw QueryError(.binding, "\(function) takes one to three numbers", at: range)
    }
    if numbers.count == 1 { numbers.insert(0, at: 0) }
    let step = numbers.count == 3 ? numbers[2] : 1
    guard step != 0, abs(numbers[0]) < 1 << 60, abs(numbers[1]) < 1 << 60 else {
      throw QueryError(.binding, "\(function) with such bounds", at: range)
    }
    let end = function == "range" ? numbers[1] : numbers[1] + (step > 0 ? 1 : -1)
    let count = max(0, (end - numbers[0] + step - (step > 0 ? 1 : -1)) / step)
    return Relation(
      plan: .range(first: numbers[0], step: step, count: count),
      scope: Scope(columns: [Scope.Column(name: function, type: .int64)]))
  }

  private mutating func scan(_ key: TableKey, _ range: Range<Int>) throws(QueryError) -> Relation {
    guard let table = tables[key] else {
      missing = (key, range)
      throw QueryError(.binding, "no table is called \"\(key.location)\"", at: range)
    }
    let columns = table.columns.map { Scope.Column(name: $0.name, type: $0.type, isHidden: $0.isHidden) }
    return Relation(
      plan: .scan(Scan(table: table, columns: Array(table.columns.indices))), scope: Scope(columns: columns))
  }
}
