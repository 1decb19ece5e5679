internal import Columnar
internal import Kernels

/// AND, OR and IS NULL by three-valued logic.
enum Logic {
  /// `AND` and `OR` over any number of arguments.
  ///
  /// An argument is computed for those rows only that the ones before leave open: what cannot be computed for the
  /// others does not matter.
  static func combine(
    _ operation: Operation, _ arguments: [Expression], _ batch: Batch
  ) throws(QueryError) -> Vector {
    // One byte a row: whether it is decided (false for AND, true for OR), and whether a null was among the arguments.
    let deciding: UInt8 = operation == .and ? 0 : 1
    var decided = [UInt8](repeating: 0, count: batch.count)
    var unknown = decided
    for (position, argument) in arguments.enumerated() {
      var open: [UInt32] = []
      if position > 0 {
        appendPositions(ofFlags: mapElements(decided) { $0 ^ 1 }.span, to: &open)
        if open.isEmpty { break }
      }
      let isPart = position > 0 && open.count < batch.count / 2
      let value = try argument.evaluate(isPart ? batch.taking(open) : batch).expanded(
        to: isPart ? open.count : batch.count)
      var hits = mapElements(value.flags) { flag($0 == deciding) }
      var nulls: [UInt8]?
      if let validity = value.validity {
        clearFlags(&hits, where: validity.words.span)
        nulls = mapElements(unpackFlags(validity.words.span, count: validity.count)) { $0 ^ 1 }
      }
      if isPart {
        for (index, row) in open.enumerated() {
          decided[Int(row)] |= hits[index]
          if let nulls { unknown[Int(row)] |= nulls[index] }
        }
      } else {
        decided = zipElements(decided, hits, count: batch.count) { $0 | $1 }
        if let nulls { unknown = zipElements(unknown, nulls, count: batch.count) { $0 | $1 } }
      }
    }
    let result = operation == .and ? mapElements(decided) { $0 ^ 1 } : decided
    let isKnown = zipElements(decided, unknown, count: batch.count) { $0 | ($1 ^ 1) }
    let allKnown = !isKnown.contains(0)
    return Vector(
      .boolean, .flags(result),
      validity: allKnown ? nil : Bitmap(words: packFlags(isKnown.span), count: batch.count))
  }

  static func isNull(_ value: Vector, _ wanted: Bool, count: Int) -> Vector {
    guard let validity = value.validity else {
      return Vector(.boolean, .flags([wanted ? 0 : 1]), isConstant: true)
    }
    let valid = unpackFlags(validity.words.span, count: validity.count)
    return Vector(
      .boolean, .flags(wanted ? mapElements(valid) { $0 ^ 1 } : valid), isConstant: value.isConstant)
  }
}

extension Vector {
  /// The rows for which a condition is true: null and false alike are not.
  func truePositions(count: Int) -> [UInt32] {
    var positions: [UInt32] = []
    if isConstant {
      if flags[0] != 0, isValid(0) { positions = (0..<UInt32(count)).map { $0 } }
      return positions
    }
    var list = flags
    if let validity { clearFlags(&list, where: validity.words.span) }
    appendPositions(ofFlags: list.span, to: &positions)
    return positions
  }
}
