package import Columnar

// Rows are looked for by the codes of one column: whether an entry of its dictionary is wanted is asked once, and the
// values of the other columns are made for wanted rows alone.
//
// Worked example, `spo2 < 90` over the entries 97 88 99 and the codes 0 2 1 0: the flags are 0 1 0, the wanted place is
// 2, and of the other columns value 2 is picked; had no place been wanted, their pages would stay closed until one is.

/// Which values of a column are wanted.
package struct RowTest: Sendable {
  /// The position of the leaf.
  package var leaf: Int
  /// A byte for each entry of a dictionary, 0 for those that are not wanted; `nil` where that cannot be told.
  package var flags: @Sendable (Column) -> [UInt8]?

  /// Makes a test.
  package init(leaf: Int, flags: @escaping @Sendable (Column) -> [UInt8]?) {
    self.leaf = leaf
    self.flags = flags
  }
}

/// Rows that were looked at.
package struct FoundRows: Sendable {
  /// The rows that may be wanted; without columns where there is none.
  package var batch: RecordBatch
  /// How many rows were looked at.
  package var rowCount: Int
  /// Where the batch's rows were among them, rising; `nil` where all of them are in the batch.
  package var places: [UInt32]?
}

extension RowGroupReader {
  /// What is known of the entries of the tested leaf's dictionary.
  enum Flags {
    case unknown
    case known([UInt8])
    /// Not to be had, or not worth the look.
    case none
  }

  /// Of so many rows one at most may be wanted on average, or else all are read.
  private static var leastRowsForOne: Int { 8 }

  /// The next rows, without those that a test rules out; `nil` at the end.
  func next(limit: Int, _ test: RowTest?) async throws(ParquetError) -> FoundRows? {
    guard rowsLeft > 0 else { return nil }
    if let test, let found = try await find(limit, test) { return found }
    guard let batch = try await next(limit: limit) else { return nil }
    return FoundRows(batch: batch, rowCount: batch.rowCount, places: nil)
  }

  /// The wanted ones of the next rows that are codes; `nil` where all had better be read.
  private func find(_ limit: Int, _ test: RowTest) async throws(ParquetError) -> FoundRows? {
    if case .none = flags { return nil }
    guard let index = leaves.firstIndex(where: { $0.position == test.leaf }),
      projection.nodes.allSatisfy(\.isLeaf)
    else { return nil }
    try await begin()
    try await turn(index)
    let reader = leaves[index].reader
    do throws(ParquetError) {
      let count = min(fitting(limit), try reader.pickableRows())
      guard count > 0, let flags = entryFlags(of: reader, test) else { return nil }
      let places = try reader.find(rows: count, flags: flags)
      guard places.count <= count / Self.leastRowsForOne else {
        self.flags = .none
        return nil
      }
      return try await pick(count, at: places)
    } catch {
      throw error.located(column: metadata.columns[test.leaf].name)
    }
  }

  private func entryFlags(of reader: any LeafReading, _ test: RowTest) -> [UInt8]? {
    guard let entries = reader.dictionaryEntries else { return nil }
    if case .known(let flags) = flags { return flags }
    let column = Column(type: metadata.columns[test.leaf].type, values: entries)
    guard let found = test.flags(column), found.count == column.count else {
      flags = .none
      return nil
    }
    flags = .known(found)
    return found
  }

  /// Opens the page with the next row of a leaf.
  private func turn(_ index: Int) async throws(ParquetError) {
    try await catchUp(index)
    do throws(ParquetError) {
      while let range = try leaves[index].reader.turn() { try await supply(leaves[index], range) }
    } catch {
      throw error.located(column: metadata.columns[leaves[index].position].name)
    }
  }

  /// The rows at some places of the next `count`.
  private func pick(_ count: Int, at places: [UInt32]) async throws(ParquetError) -> FoundRows {
    var batches = [LeafBatch?](repeating: nil, count: metadata.columns.count)
    for index in leaves.indices {
      if places.isEmpty {
        leaves[index].behind += count
      } else {
        batches[leaves[index].position] = try await picked(index, count, at: places)
      }
    }
    rowsLeft -= count
    if places.isEmpty {
      return FoundRows(batch: RecordBatch(schema: Schema([]), columns: [], rowCount: 0), rowCount: count, places: [])
    }
    var columns: [Column] = []
    let assembler = Assembler(leaves: batches, columns: metadata.columns, rowCount: places.count)
    for node in projection.nodes { columns.append(try assembler.column(node)) }
    return FoundRows(
      batch: RecordBatch(schema: projection.schema, columns: columns, rowCount: places.count), rowCount: count,
      places: places)
  }

  private func picked(_ index: Int, _ count: Int, at places: [UInt32]) async throws(ParquetError) -> LeafBatch {
    try await turn(index)
    let leaf = leaves[index]
    do throws(ParquetError) {
      if try leaf.reader.pickableRows() >= count {
        try leaf.reader.pick(rows: count, at: places)
        return leaf.reader.take()
      }
      while let range = try leaf.reader.read(rows: count) { try await supply(leaf, range) }
      let whole = leaf.reader.take()
      return LeafBatch(values: whole.values.taking(places), validity: whole.validity?.taking(places))
    } catch {
      throw error.located(column: metadata.columns[leaf.position].name)
    }
  }
}

extension SchemaNode {
  /// Whether nothing is nested in the field.
  fileprivate var isLeaf: Bool {
    if case .leaf = content { true } else { false }
  }
}
