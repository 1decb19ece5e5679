import Avro
import Vitals

extension RecordSchema {
  /// The record with the fields that a writer has and it lacks, as far as they may be absent (a union with null, or a
  /// default) and fit a column; they join at the end and are null in other rows. `nil` where there are none.
  ///
  /// - Parameter reserved: names of columns that the table has besides the record's.
  func grown(by writer: AvroSchema, reserved: [String]) -> RecordSchema? {
    guard let members = writer.members else { return nil }
    let targets = AvroResolution.targets(of: members, in: self)
    // Tables tell columns apart without regard to case.
    var taken = Set((fields.map(\.name) + reserved).map { $0.lowercased() })
    var grown = self
    for (index, member) in members.enumerated() where targets[index] == nil {
      guard let type = writer.optionalColumn(of: member), taken.insert(member.name.lowercased()).inserted,
        grown.fields.count < RecordSchema.maximumFields
      else { continue }
      grown.fields.append(RecordField(name: member.name, type: type, isNullable: true, doc: member.doc))
    }
    return grown.fields.count > fields.count ? grown : nil
  }
}

extension AvroSchema {
  /// The column for a field that readers may do without; `nil` for one that they may not, or that fits no column.
  fileprivate func optionalColumn(of member: Member) -> RecordType? {
    guard case .union(let branches) = types[member.type].shape else {
      return member.fallback == nil ? nil : column(types[member.type])
    }
    let values = branches.filter { types[$0].shape != .null }
    guard values.count == 1, values.count < branches.count else { return nil }
    return column(types[values[0]])
  }

  private func column(_ type: TypeNode) -> RecordType? {
    switch (type.shape, type.logicalType) {
    case (.boolean, _): .boolean
    case (.int, nil): .int
    case (.int, "date"): .date
    case (.long, nil): .long
    case (.long, "timestamp-millis"): .timestampMillis
    case (.long, "timestamp-micros"): .timestampMicros
    case (.float, _): .float
    case (.double, _): .double
    case (.bytes, nil): .bytes
    // A later schema may have more symbols, and the column must take them.
    case (.string, _), (.enumeration, _): .string
    default: nil
    }
  }
}
