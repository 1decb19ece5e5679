import CommandSupport
import Features
import Forest
import Kernels

/// What is learned from, with what people know of it.
struct TrainingData {
  var table: LabelledTable
  var schema: TableSchema
  /// Where it came from.
  var name: String
  /// Says whether two runs learned from the same.
  var fingerprint: String
  /// A score that is in use today, a number for each row, with its name.
  var score: (name: String, values: [Float])?

  /// Reads comma-separated values.
  init(csv path: String, schema: TableSchema) throws {
    let bytes = try Files.read(path)
    table = try naming(path) { try LabelledTable(csv: bytes, schema: schema, needsTargets: true) }
    self.schema = schema
    name = path
    fingerprint = unsafe Self.hexadecimal(xxHash64(bytes.span.bytes))
    try checkTargets()
  }

  /// Takes examples made of stored vitals.
  init(_ examples: Deterioration.Examples, schema: TableSchema, name: String) throws {
    try self.init(examples.table, schema: schema, name: name)
    score = ("news2", examples.score)
  }

  /// Takes a table.
  init(_ table: LabelledTable, schema: TableSchema, name: String) throws {
    self.table = table
    self.schema = schema
    self.name = name
    var bytes: [UInt8] = []
    func append(_ number: UInt64) {
      for shift in stride(from: UInt64(0), to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: number >> shift)) }
    }
    for column in table.features.columns { for value in column { append(UInt64(value.bitPattern)) } }
    for target in table.targets ?? [] { append(target.bitPattern) }
    fingerprint = unsafe Self.hexadecimal(xxHash64(bytes.span.bytes))
    try checkTargets()
  }

  private func checkTargets() throws {
    let targets = table.targets ?? []
    guard !targets.isEmpty else { throw CommandError("\(name): there are no rows", exit: .dataError) }
    guard targets.contains(where: { $0 != targets[0] }) else {
      throw CommandError(
        "\(name): all rows have the same \(schema.label): there is nothing to learn", exit: .dataError)
    }
    guard table.features.columns.contains(where: { $0.contains { !$0.isNaN } }) else {
      throw CommandError("\(name): all values of all columns are missing", exit: .dataError)
    }
  }

  private static func hexadecimal(_ hash: UInt64) -> String {
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
