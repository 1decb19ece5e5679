internal import Columnar
internal import Kernels

/// Parts of lists and structures.
enum NestedValues {
  static func field(_ index: Int, of vector: Vector, _ type: SQLType) throws(QueryError) -> Vector {
    guard case .other(let column) = vector.values, case .structure(let fields, _) = column.values else {
      return .null(type)
    }
    var result = try Vector(fields[index])
    result.isConstant = vector.isConstant
    result.validity = Bitmap.both(result.validity, vector.validity)
    return result
  }

  /// `list[i]`, counted from 1 or, where negative, from the end; outside the list there is no value.
  static func element(_ list: Vector, _ index: Vector, _ type: SQLType, count: Int) throws(QueryError) -> Vector {
    guard case .other(let column) = list.values, case .list(let offsets, let items) = column.values else {
      return .null(type)
    }
    let positions = index.ints
    var rows = [UInt32](repeating: 0, count: count)
    var found = [UInt8](repeating: 0, count: count)
    for row in 0..<count where list.isValid(row) && index.isValid(row) {
      let at = list.isConstant ? 0 : row
      let (start, end) = (Int64(offsets[at]), Int64(offsets[at + 1]))
      let wanted = positions.count == 1 ? positions[0] : positions[row]
      guard wanted != 0, wanted.magnitude <= UInt64(end - start) else { continue }
      rows[row] = UInt32(wanted > 0 ? start + wanted - 1 : end + wanted)
      found[row] = 1
    }
    guard items.count > 0 else { return Vector.null(type).expanded(to: count) }
    var result = try Vector(items).taking(rows)
    result.validity = Bitmap.both(result.validity, Bitmap(words: packFlags(found.span), count: count))
    return result
  }

  static func length(_ list: Vector) -> Vector {
    guard case .other(let column) = list.values, case .list(let offsets, _) = column.values else {
      return .null(.int64)
    }
    let lengths = (0..<column.count).map { Int64(offsets[$0 + 1] - offsets[$0]) }
    return Vector(.int64, .ints(lengths), validity: list.validity, isConstant: list.isConstant)
  }

  /// `[a, b, …]`: the arguments, which are of one type, row by row.
  static func list(_ arguments: [Vector], _ type: SQLType, count: Int) throws(QueryError) -> Vector {
    guard case .other(let dataType) = type, case .list(let field) = dataType else { return .null(type) }
    let width = arguments.count
    let (total, overflow) = width.multipliedReportingOverflow(by: count)
    guard !overflow, total < Int(Int32.max) else { throw QueryError(.limit, "lists of more than 2 billion items") }
    let itemType = SQLType(field.type)
    var items = Vector.null(itemType).expanded(to: 0)
    if total > 0 {
      let all = try Vector.joined(arguments, counts: arguments.map { _ in count }, type: itemType)
      items = all.taking((0..<UInt32(total)).map { ($0 % UInt32(width)) * UInt32(count) + $0 / UInt32(width) })
    }
    let offsets = (0...count).map { Int32($0 * width) }
    return Vector(
      type,
      .other(
        Column(
          type: dataType, values: .list(offsets: offsets, items: items.withoutCodes.column(field.type)))))
  }

  /// `{'a': 1, …}`: one argument for each field.
  static func structure(_ arguments: [Vector], _ type: SQLType, count: Int) -> Vector {
    guard case .other(let dataType) = type, case .structure(let fields) = dataType else { return .null(type) }
    let columns = zip(arguments, fields).map { $0.expanded(to: count).withoutCodes.column($1.type) }
    return Vector(type, .other(Column(type: dataType, values: .structure(columns, count: count))))
  }
}
