extension TableSchema {
  /// The schema with the words of its label as classes, where a table holds words there and no numbers, and the schema
  /// says nothing of them; else as it is.
  ///
  /// - Parameter bytes: comma-separated values whose first line names the columns.
  /// - Throws: ``ForestError`` for what is no such table, for one word alone, and for more than
  ///   ``ForestSettings/mostClasses``.
  public func findingClasses(csv bytes: [UInt8]) throws(ForestError) -> TableSchema {
    guard classes == nil, task != .regression else { return self }
    var rows = CSVRows(bytes)
    guard let header = try rows.next(), let place = header.firstIndex(where: { $0.elementsEqual(label.utf8) }) else {
      return self
    }
    var words: Set<ArraySlice<UInt8>> = []
    while let row = try rows.next() {
      // What is wrong with such a row, or such a cell, is said where the table is read.
      guard place < row.count else { return self }
      let word = CellReader.trimmed(row[place])
      if CellReader.isMissing(word) { continue }
      if CellReader.number(word) != nil { return self }
      if words.count <= ForestSettings.mostClasses { words.insert(word) }
    }
    return words.isEmpty ? self : try naming(classes: words.map { String(decoding: $0, as: UTF8.self) })
  }

  /// The schema with these words as classes, in the order of their bytes.
  ///
  /// - Throws: ``ForestError`` for one word alone, and for more than ``ForestSettings/mostClasses``.
  public func naming(classes words: [String]) throws(ForestError) -> TableSchema {
    guard words.count > 1 else {
      throw ForestError(.badData, "all rows have the same \(label): there is nothing to learn")
    }
    guard words.count <= ForestSettings.mostClasses else {
      throw ForestError(
        .badData,
        "\(label) holds more than \(ForestSettings.mostClasses) different words: choose another --label, or list the "
          + "classes in a schema")
    }
    var named = self
    named.classes = words.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    return named
  }
}
