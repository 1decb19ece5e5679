import Columnar
import Kernels

extension DataType {
  /// Whether values of both types are the same; which parts may be null, and their numbers, do not count.
  func isSame(as other: DataType) -> Bool {
    switch (self, other) {
    case (.list(let a), .list(let b)): a.type.isSame(as: b.type)
    case (.map(let key, let value), .map(let otherKey, let otherValue)):
      key.type.isSame(as: otherKey.type) && value.type.isSame(as: otherValue.type)
    case (.structure(let a), .structure(let b)):
      a.count == b.count && zip(a, b).allSatisfy { $0.name == $1.name && $0.type.isSame(as: $1.type) }
    default: self == other
    }
  }

  /// The type that a file's column of this type has in a Delta table; `nil` where a table has none for it. Times in
  /// nanoseconds would lose their last digits.
  var inTable: DataType? {
    switch self {
    case .timestamp(.milliseconds, let isUTC): .timestamp(unit: .microseconds, isAdjustedToUTC: isUTC)
    case .timestamp(.nanoseconds, _): nil
    case .enumeration, .json: .string
    case .boolean, .int, .float, .double, .decimal, .date, .timestamp, .string, .binary: self
    case .list(let item): item.type.isOwnTableType ? self : nil
    case .map(let key, let value): key.type.isOwnTableType && value.type.isOwnTableType ? self : nil
    case .structure(let fields): fields.allSatisfy { $0.type.isOwnTableType } ? self : nil
    default: nil
    }
  }

  private var isOwnTableType: Bool { inTable == self }
}

extension Column {
  /// Makes a file's column one of a table's type, into which its own goes.
  ///
  /// - Throws: ``MaintenanceError`` with code `file` for a time that is too far away for microseconds.
  mutating func widen(to type: DataType, name: String) throws(MaintenanceError) {
    defer { self.type = type }
    guard case .timestamp(.milliseconds, _) = self.type, case .timestamp(.microseconds, _) = type,
      case .int64(let millis) = values.withoutDictionary()
    else { return }
    let limit = Int64.max / 1_000
    for row in millis.indices where isValid(row) && (millis[row] > limit || millis[row] < -limit) {
      throw MaintenanceError(.file, "the column \(name) holds a time that is too far away")
    }
    values = .int64(mapElements(millis) { $0 &* 1_000 })
  }
}
