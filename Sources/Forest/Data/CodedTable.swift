import Kernels

/// A table whose values are replaced by small numbers in the same order: by their rank where that is possible, so that
/// splits are exact, else by a bin of about as many rows as every other.
struct CodedTable: Sendable {
  struct Column: Sendable {
    /// The code of each row.
    var codes: [UInt16] = []
    /// The lowest and the highest value of each code; the same one where codes are ranks.
    var low: [Float] = []
    var high: [Float] = []
    /// The code of a missing value.
    var missing: UInt16 { UInt16(low.count) }

    /// Where a split between two codes compares: halfway between their nearest values.
    func threshold(after lastLeft: UInt16, before firstRight: UInt16) -> Double {
      if firstRight == missing { return .infinity }
      let (below, above) = (Double(high[Int(lastLeft)]), Double(low[Int(firstRight)]))
      let middle = below / 2 + above / 2
      // Between neighbours among floats there may be no middle, and the threshold itself goes left.
      return middle < above && middle >= below ? middle : below
    }
  }

  /// The most codes of a column: one of the 65,536 is that of a missing value.
  static let codeLimit = 65_535

  var columns: [Column]

  /// - Parameter bins: the most codes of a column.
  init(_ matrix: FeatureMatrix, bins: Int) {
    columns = matrix.columns.map { Self.encode($0, bins: min(max(bins, 2), Self.codeLimit)) }
  }

  private static func encode(_ values: [Float], bins: Int) -> Column {
    let order = rowsByValue(values.span)
    var present = order.count
    while present > 0, values[Int(order[present - 1])].isNaN { present -= 1 }
    var distinct = 0
    for index in 0..<present where index == 0 || values[Int(order[index])] != values[Int(order[index - 1])] {
      distinct += 1
    }
    var column = Column()
    column.codes = [UInt16](repeating: 0, count: values.count)
    // A bin is closed at the next value once it holds its share of the rows.
    let share = distinct <= bins ? 1 : max(1, (present + bins - 1) / bins)
    var held = 0
    for index in 0..<present {
      let value = values[Int(order[index])]
      let isNew = index == 0 || value != values[Int(order[index - 1])]
      if isNew, index == 0 || held >= share {
        column.low.append(value)
        column.high.append(value)
        held = 0
      }
      held += 1
      column.high[column.high.count - 1] = value
      column.codes[Int(order[index])] = UInt16(column.low.count - 1)
    }
    for index in present..<order.count { column.codes[Int(order[index])] = column.missing }
    return column
  }
}
