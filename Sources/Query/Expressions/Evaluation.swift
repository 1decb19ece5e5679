internal import Columnar
internal import Kernels

extension Expression {
  /// The values of the expression for all rows of a batch.
  ///
  /// - Throws: ``QueryError`` with the place of the call that has no value.
  func evaluate(_ batch: Batch) throws(QueryError) -> Vector {
    switch self {
    case .column(let index, _): return batch.columns[index]
    case .constant(let value, let type): return Vector(constant: value, type)
    case .call(let operation, let arguments, let type, let place):
      do throws(QueryError) {
        return try Self.call(operation, arguments, type, batch)
      } catch {
        var error = error
        if error.range == nil { error.range = place.range }
        throw error
      }
    case .scalarQuery, .inQuery, .exists: preconditionFailure("subqueries are filled in before a plan runs")
    }
  }

  private static func call(
    _ operation: Operation, _ arguments: [Expression], _ type: SQLType, _ batch: Batch
  ) throws(QueryError) -> Vector {
    switch operation {
    case .and, .or: return try Logic.combine(operation, arguments, batch)
    case .choice: return try Choosing.choice(arguments, type, batch)
    case .coalesce: return try Choosing.coalesce(arguments, type, batch)
    default: break
    }
    var values: [Vector] = []
    for argument in arguments { values.append(try argument.evaluate(batch)) }
    return try operation.apply(values, type, count: batch.count)
  }
}

extension Operation {
  /// Whether a row without one of the arguments has no value, and the others depend on nothing else: then strings that
  /// are codes are computed once for each distinct one.
  private var isStrict: Bool {
    switch self {
    case .isNull, .isNotNull, .isDistinct, .isNotDistinct, .choice, .coalesce, .and, .or, .field, .element: false
    case .function(let function):
      ![.concat, .concat_ws, .greatest, .least, .nullif, .typeof, .hash, .list_value, .struct_pack, .list_concat]
        .contains(function)
    case .isAny: true
    default: true
    }
  }

  /// Applies the operation to arguments at hand.
  func apply(_ arguments: [Vector], _ type: SQLType, count: Int) throws(QueryError) -> Vector {
    if count > 0, arguments.allSatisfy(\.isConstant), !arguments.isEmpty {
      var result = try dense(arguments, type, count: 1)
      result.isConstant = true
      return result
    }
    if isStrict, let position = onlyCodes(arguments),
      case .coded(let codes, let dictionary) = arguments[position].values,
      dictionary.strings.count <= codes.count
    {
      var inner = arguments
      inner[position] = Vector(arguments[position].type, .bytes(dictionary.strings))
      // A distinct string that no row has may be what fails; then each row is computed for itself.
      if let once = try? dense(inner, type, count: dictionary.strings.count) {
        var result = once.expanded(to: dictionary.strings.count).taking(mapElements(codes) { UInt32(bitPattern: $0) })
        result.validity = Bitmap.both(result.validity, arguments[position].validity)
        return result
      }
    }
    return try dense(arguments.map(\.withoutCodes), type, count: count)
  }

  /// The argument that alone is no constant, if it is one of codes.
  private func onlyCodes(_ arguments: [Vector]) -> Int? {
    let varying = arguments.indices.filter { !arguments[$0].isConstant }
    guard varying.count == 1, case .coded = arguments[varying[0]].values else { return nil }
    return varying[0]
  }

  private func dense(_ arguments: [Vector], _ type: SQLType, count: Int) throws(QueryError) -> Vector {
    switch self {
    case .add, .subtract, .multiply, .divide, .divideWhole, .modulo, .power, .negate, .bitAnd, .bitOr, .shiftLeft,
      .shiftRight, .bitNot:
      return try Arithmetic.apply(self, arguments, type, count: count)
    case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .isDistinct, .isNotDistinct:
      return Comparison.apply(self, arguments[0], arguments[1], count: count)
    case .not:
      return Vector(
        .boolean, .flags(mapElements(arguments[0].flags) { $0 ^ 1 }), validity: arguments[0].validity,
        isConstant: arguments[0].isConstant)
    case .isNull, .isNotNull: return Logic.isNull(arguments[0], self == .isNull, count: count)
    case .cast(let isTry): return try Casting.cast(arguments[0], to: type, isTry: isTry, count: count)
    case .isAny: return Membership.apply(arguments, count: count)
    case .like(let ignoringCase): return try LikePattern.apply(arguments, ignoringCase: ignoringCase, count: count)
    case .field(let index): return try NestedValues.field(index, of: arguments[0], type)
    case .element: return try NestedValues.element(arguments[0], arguments[1], type, count: count)
    case .function(let function): return try function.apply(arguments, type, count: count)
    case .listAggregate(let call): return try ListFunctions.aggregate(call, arguments[0], type, count)
    case .and, .or, .choice, .coalesce: preconditionFailure("these look at their arguments one by one")
    }
  }
}

extension Bitmap {
  /// The bits set in both; `nil` stands for all.
  static func both(_ a: Bitmap?, _ b: Bitmap?) -> Bitmap? {
    guard let a else { return b }
    guard let b else { return a }
    return Bitmap(words: zipElements(a.words, b.words, count: a.words.count) { $0 & $1 }, count: a.count)
  }
}

extension Vector {
  /// The rows in which all arguments have a value, for `count` rows; `nil` for all.
  static func validity(of arguments: [Vector], count: Int) -> Bitmap? {
    var result: Bitmap?
    for argument in arguments {
      guard let own = argument.validity else { continue }
      if argument.isConstant, count != 1 || own.count != count {
        if !own[0] { return Bitmap(repeating: false, count: count) }
      } else {
        result = Bitmap.both(result, own)
      }
    }
    return result
  }
}
