internal import Columnar

/// `unnest`: a row for each item of a list; rows with an empty list, or none, go.
enum Unnesting {
  static func apply(_ batch: Batch, _ list: Expression, _ type: SQLType) throws(QueryError) -> Batch {
    let vector = try list.evaluate(batch).expanded(to: batch.count)
    guard case .other(let column) = vector.values, case .list(let offsets, let items) = column.values else {
      throw QueryError(.notSupported, "unnest of something else than a list")
    }
    var rows: [UInt32] = []
    var places: [UInt32] = []
    for row in 0..<batch.count where vector.isValid(row) {
      for place in offsets[row]..<offsets[row + 1] {
        rows.append(UInt32(row))
        places.append(UInt32(place))
      }
    }
    var result = batch.taking(rows)
    result.columns.append(
      items.count == 0 ? Vector.null(type).expanded(to: 0) : try Vector(items).taking(places))
    return result
  }
}
