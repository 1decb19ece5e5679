internal import Columnar
internal import Kernels
internal import Parquet

/// Turns what is read of a row group into the columns of a scan, those of its filters first: the others are made for
/// the rows that are left.
struct MorselColumns {
  private let scan: Scan
  /// Positions in the file's schema of the columns to read.
  private(set) var read: [Int] = []
  /// For each column of the scan: its place among those read, or what stands for all its rows.
  private var places: [Int?] = []
  private var constants: [Vector] = []
  private var dictionaries: [Int: TextDictionary] = [:]
  /// The place in the file of the next batch's first row.
  var nextRow: Int64
  /// Where the rows of the batch at hand are, counted from that row; `nil` where one follows the other.
  private var offsets: [UInt32]?

  init(_ scan: Scan, _ file: Int, _ schema: Schema, firstRow: Int64) throws(QueryError) {
    self.scan = scan
    nextRow = firstRow
    for index in scan.columns {
      let column = scan.table.columns[index]
      if column.kind == .file, let position = schema.index(of: column.name) {
        let place = read.firstIndex(of: position) ?? read.count
        if place == read.count { read.append(position) }
        places.append(place)
        constants.append(.null(column.type))
      } else {
        places.append(nil)
        constants.append(try scan.table.constant(column, ofFile: file))
      }
    }
  }

  /// The rows of a batch that pass all conditions.
  mutating func passing(_ found: FoundRows, _ conditions: [Expression]) throws(QueryError) -> Batch {
    let batch = found.batch
    offsets = found.places
    defer {
      nextRow += Int64(found.rowCount)
      offsets = nil
    }
    var made = [Vector?](repeating: nil, count: places.count)
    var rows: [UInt32]?
    var count = batch.rowCount
    for condition in conditions where count > 0 {
      for index in condition.columns where made[index] == nil { made[index] = try vector(index, batch, rows, count) }
      let known = Batch(columns: zip(made, constants).map { $0 ?? $1 }, count: count)
      let kept = try condition.evaluate(known).truePositions(count: count)
      if kept.count == count { continue }
      for index in made.indices { made[index] = made[index].map { $0.isConstant ? $0 : $0.taking(kept) } }
      rows =
        rows.map { all in
          var left: [UInt32] = []
          gather(kept.span, from: all.span, appendingTo: &left)
          return left
        } ?? kept
      count = kept.count
    }
    if count == 0 { return Batch(columns: [], count: 0) }
    var columns: [Vector] = []
    for index in made.indices {
      if let known = made[index] {
        columns.append(known)
      } else {
        columns.append(try vector(index, batch, rows, count))
      }
    }
    return Batch(columns: columns, count: count)
  }

  /// All columns in some rows of a batch.
  mutating func taking(_ rows: [UInt32], of batch: RecordBatch) throws(QueryError) -> [Vector] {
    var columns: [Vector] = []
    for index in places.indices { columns.append(try vector(index, batch, rows, rows.count)) }
    return columns
  }

  /// A column's values in some rows of a batch.
  private mutating func vector(
    _ index: Int, _ batch: RecordBatch, _ rows: [UInt32]?, _ count: Int
  ) throws(QueryError) -> Vector {
    let column = scan.table.columns[scan.columns[index]]
    if let place = places[index] {
      let stored = batch.columns[place]
      let vector = shared(try Vector(rows.map { stored.picking($0) } ?? stored), place)
      return try Casting.cast(vector, to: column.type, isTry: false, count: count)
    }
    guard column.kind == .rowNumber else { return constants[index] }
    let first = nextRow
    if let offsets {
      let own = rows.map { $0.map { offsets[Int($0)] } } ?? offsets
      return Vector(.int64, .ints(own.map { first + Int64($0) }))
    }
    if let rows { return Vector(.int64, .ints(rows.map { first + Int64($0) })) }
    return Vector(.int64, .ints((0..<Int64(count)).map { first + $0 }))
  }

  /// The same codes behind the dictionary of the batch before, where it is the same.
  private mutating func shared(_ vector: Vector, _ place: Int) -> Vector {
    guard case .coded(let codes, let dictionary) = vector.values else { return vector }
    guard let known = dictionaries[place], known.isSame(as: dictionary) else {
      dictionaries[place] = dictionary
      return vector
    }
    return Vector(vector.type, .coded(codes, known), validity: vector.validity)
  }
}

extension Column {
  /// The rows at these positions; what the file keeps as codes stays so.
  fileprivate func picking(_ rows: [UInt32]) -> Column {
    func pick<T: BitwiseCopyable>(_ list: [T]) -> [T] {
      var result: [T] = []
      gather(rows.span, from: list.span, appendingTo: &result)
      return result
    }
    let picked: ColumnValues
    switch values {
    case .int32(let list): picked = .int32(pick(list))
    case .int64(let list): picked = .int64(pick(list))
    case .float(let list): picked = .float(pick(list))
    case .double(let list): picked = .double(pick(list))
    case .dictionary(let codes, let words): picked = .dictionary(codes: pick(codes), values: words)
    default: return taking(rows)
    }
    return Column(type: type, values: picked, validity: validity.map { $0.taking(rows) })
  }
}
