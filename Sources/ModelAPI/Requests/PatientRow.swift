internal import Forest
internal import JSON

/// What is known of one patient, in the order of a model's columns.
///
///     {"glucose": 138, "insulin": 0, "bmi": null, …}
///
/// Each column must be there. `null`, or a number of which the schema says so, stands for a value that nobody measured,
/// in columns where values may be missing at all.
struct PatientRow: Hashable, Sendable {
  /// The values, NaN where one is missing.
  var values: [Float]
  /// The columns without a value.
  var missing: [Int] = []

  /// Reads the object that comes next.
  ///
  /// - Parameters:
  ///   - pointer: where the object stands in the body, as the beginning of a JSON pointer.
  ///   - base: a row whose values hold where the object has none; `nil` where it must have all.
  ///   - problems: gets what cannot be taken.
  /// - Throws: what is no JSON, or no object.
  init(
    _ scanner: inout JSONScanner, _ model: ServedModel, pointer: String = "", over base: PatientRow? = nil,
    problems: inout [Problem.Field]
  ) throws(JSONError) {
    let columns = model.saved.schema.columns
    values = base?.values ?? [Float](repeating: .nan, count: columns.count)
    var isThere = [Bool](repeating: false, count: columns.count)
    try scanner.openObject()
    var count = 0
    while let key = try scanner.nextKey(&count) {
      guard let place = model.places[key] else {
        try scanner.skip()
        problems.report(pointer, key, .unknown, "the model has no such field")
        continue
      }
      if isThere[place] { problems.report(pointer, key, .duplicate, "it is there twice") }
      isThere[place] = true
      if let value = try Self.value(&scanner, columns[place], pointer, &problems) { values[place] = value }
    }
    if base == nil {
      for (place, column) in columns.enumerated() where !isThere[place] {
        problems.report(
          pointer, column.name, .missing,
          column.missing == nil ? "it is needed" : "it is needed; null where nobody measured it")
      }
    }
    for place in values.indices where values[place].isNaN { missing.append(place) }
  }

  /// The next value; `nil` where it cannot be taken.
  private static func value(
    _ scanner: inout JSONScanner, _ column: TableSchema.Column, _ pointer: String, _ problems: inout [Problem.Field]
  ) throws(JSONError) -> Float? {
    switch scanner.next {
    case UInt8(ascii: "n"):
      _ = try scanner.takeNull()
      if column.missing != nil { return .nan }
      problems.report(pointer, column.name, .wrongType, "it may not be null")
      return nil
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
      let number = try scanner.double()
      if column.missing?.contains(number) == true { return .nan }
      if let limits = column.limits, number < limits[0] || number > limits[1] {
        let unit = column.unit.map { " \($0)" } ?? ""
        problems.report(
          pointer, column.name, .outOfRange,
          "it must lie from \(limits[0].shortText) to \(limits[1].shortText)\(unit)", limits: limits)
        return nil
      }
      guard Float(number).isFinite else {
        problems.report(pointer, column.name, .outOfRange, "it is too large for any measurement")
        return nil
      }
      return Float(number)
    default:
      try scanner.skip()
      problems.report(pointer, column.name, .wrongType, "it must be a number")
      return nil
    }
  }
}

extension [Problem.Field] {
  /// How many are told at most.
  private static var limit: Int { 100 }

  fileprivate mutating func report(
    _ pointer: String, _ name: String, _ reason: Problem.Field.Reason, _ detail: String, limits: [Double]? = nil
  ) {
    guard count < Self.limit else { return }
    // A name that is not ours may be anything, and long.
    let shown = String(name.prefix(60))
    let escaped = shown.replacing("~", with: "~0").replacing("/", with: "~1")
    append(
      Problem.Field(
        pointer: "\(pointer)/\(escaped)", name: shown, reason: reason, detail: detail, limits: limits))
  }
}
