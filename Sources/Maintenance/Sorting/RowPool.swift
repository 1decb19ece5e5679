import Columnar
import Parquet

/// Rows of one schema in memory, to which others join; texts that repeat are kept once.
struct RowPool {
  let schema: Schema
  private var columns: [PooledColumn]
  private(set) var rowCount = 0

  /// Bytes of distinct texts up to which it pays to keep them apart.
  private let dictionaryLimit: Int

  init(_ schema: Schema, dictionaryLimit: Int) {
    self.schema = schema
    self.dictionaryLimit = dictionaryLimit
    columns = schema.fields.map { PooledColumn($0.type) }
  }

  /// Bytes that the rows take in memory, approximately.
  var byteCount: Int { columns.reduce(0) { $0 + $1.byteCount } }

  /// Adds rows, whose columns are those of the schema.
  mutating func append(_ batch: RecordBatch) throws(MaintenanceError) {
    for index in columns.indices {
      guard columns[index].append(batch.columns[index], dictionaryLimit: dictionaryLimit) else {
        throw MaintenanceError(
          .file, "the column \(schema.fields[index].name) is stored in different ways that cannot be joined")
      }
    }
    rowCount += batch.rowCount
  }

  /// A column by its name.
  func column(_ name: String) -> Column? { schema.index(of: name).map { columns[$0].column } }

  /// Rows at these positions, in their order.
  func taking(_ positions: [UInt32]) -> RecordBatch {
    RecordBatch(schema: schema, columns: columns.map { $0.column.taking(positions) }, rowCount: positions.count)
  }

  /// How many rows are handed out at once.
  private static let batchRows = 1 << 16

  /// Hands out rows at these positions, in their order.
  func handOut(_ positions: ArraySlice<UInt32>, _ body: (RecordBatch) async throws -> Void) async throws {
    var rest = positions
    while !rest.isEmpty {
      try Task.checkCancellation()
      try await body(taking(Array(rest.prefix(Self.batchRows))))
      rest = rest.dropFirst(Self.batchRows)
    }
  }

  /// Forgets all rows but those at these positions, which come into this order.
  mutating func keep(_ positions: [UInt32]) {
    for index in columns.indices { columns[index].keep(positions, dictionaryLimit: dictionaryLimit) }
    rowCount = positions.count
  }
}

/// A growing column.
private struct PooledColumn {
  private var rows: Column
  /// The distinct texts, as long as rows are codes.
  private var texts: StringDictionary?

  init(_ type: DataType) {
    rows = .nulls(type, count: 0)
    rows.validity = nil
  }

  /// The rows; codes with their texts where they are kept apart.
  var column: Column {
    guard let texts, case .dictionary(let codes, _) = rows.values else { return rows }
    return Column(
      type: rows.type, values: .dictionary(codes: codes, values: .bytes(texts.keys)), validity: rows.validity)
  }

  var byteCount: Int { rows.byteCount + (texts.map { $0.keys.bytes.count + $0.keys.count * 16 } ?? 0) }

  private static func isAllNull(_ column: Column) -> Bool { column.validity.map { $0.setCount == 0 } ?? false }

  mutating func append(_ added: Column, dictionaryLimit: Int) -> Bool {
    if case .dictionary(let codes, .bytes(let strings)) = added.values {
      if texts == nil, rows.count == 0 || Self.isAllNull(rows) { startCodes() }
      let limit = limit(dictionaryLimit, adding: codes, strings)
      if texts != nil, append(codes, strings, added.validity, limit: limit) { return true }
    } else if case .bytes(let strings) = added.values, texts != nil {
      let codes = Array(0..<Int32(strings.count))
      if limit(dictionaryLimit, adding: codes, strings) == .max {
        return append(codes, strings, added.validity, limit: .max)
      }
    }
    if texts != nil {
      // Rows without values need no text.
      if Self.isAllNull(added) {
        let codes = [Int32](repeating: 0, count: added.count)
        return append(codes, ByteStrings(), added.validity, limit: .max)
      }
      rows = column.withoutDictionary()
      texts = nil
    }
    // Nulls are laid out by habit, the first values as their file has them.
    if rows.count == 0 {
      rows = added.withoutDictionary()
      return true
    }
    return rows.append(added.withoutDictionary())
  }

  /// How many bytes the texts may have before each row gets a copy of its own: as many as there are where the copies
  /// would be much larger, since they would burst the memory.
  private func limit(_ dictionaryLimit: Int, adding codes: [Int32], _ strings: ByteStrings) -> Int {
    guard let texts, case .dictionary(let own, _) = rows.values else { return dictionaryLimit }
    let shared = texts.keys.bytes.count + strings.bytes.count
    if shared <= dictionaryLimit { return dictionaryLimit }
    return Self.copiedBytes(own, texts.keys) + Self.copiedBytes(codes, strings) > 2 * shared ? .max : dictionaryLimit
  }

  private static func copiedBytes(_ codes: [Int32], _ strings: ByteStrings) -> Int {
    let lengths = zip(strings.offsets, strings.offsets.dropFirst()).map { Int($1 - $0) }
    // Rows without a value may have a code where there is no text.
    return codes.reduce(0) { $0 + (Int($1) < lengths.count ? lengths[Int($1)] : 0) }
  }

  private mutating func startCodes() {
    texts = StringDictionary()
    let codes = [Int32](repeating: 0, count: rows.count)
    rows = Column(
      type: rows.type, values: .dictionary(codes: codes, values: .bytes(ByteStrings())), validity: rows.validity)
  }

  /// Adds codes into other texts; false where the texts become too many.
  private mutating func append(_ codes: [Int32], _ strings: ByteStrings, _ validity: Bitmap?, limit: Int) -> Bool {
    guard case .dictionary(var own, _) = rows.values else { return false }
    var table: [UInt32] = []
    guard texts?.encode(strings, rows: 0..<strings.count, limit: limit, into: &table) == strings.count else {
      return false
    }
    let before = own.count
    rows.values = .int32([])
    own.reserveCapacity(own.count + codes.count)
    if table.isEmpty {
      own += [Int32](repeating: 0, count: codes.count)
    } else {
      for code in codes { own.append(Int32(truncatingIfNeeded: table[Int(code)])) }
    }
    var bits = rows.validity
    rows.validity = nil
    if bits != nil || validity != nil {
      var joined = bits ?? Bitmap(repeating: true, count: before)
      if let validity {
        joined.append(validity, range: 0..<validity.count)
      } else {
        joined.append(repeating: true, count: codes.count)
      }
      bits = joined
    }
    rows = Column(type: rows.type, values: .dictionary(codes: own, values: .bytes(ByteStrings())), validity: bits)
    return true
  }

  mutating func keep(_ positions: [UInt32], dictionaryLimit: Int) {
    rows = rows.taking(positions)
    if let texts, texts.keys.bytes.count > dictionaryLimit / 2 { dropUnused(texts.keys) }
  }

  /// Lets go of the texts that no row has any more.
  private mutating func dropUnused(_ keys: ByteStrings) {
    guard case .dictionary(let codes, _) = rows.values else { return }
    var isUsed = [Bool](repeating: false, count: keys.count)
    for code in codes where Int(code) < keys.count { isUsed[Int(code)] = true }
    let used = isUsed.indices.filter { isUsed[$0] }.map { UInt32($0) }
    guard case .bytes(let strings) = ColumnValues.bytes(keys).taking(used) else { return }
    var kept = StringDictionary()
    var table: [UInt32] = []
    _ = kept.encode(strings, rows: 0..<strings.count, limit: .max, into: &table)
    var places = [Int32](repeating: 0, count: max(1, keys.count))
    for (old, new) in zip(used, table) { places[Int(old)] = Int32(truncatingIfNeeded: new) }
    texts = kept
    rows.values = .dictionary(codes: codes.map { places[Int($0)] }, values: .bytes(ByteStrings()))
  }
}
