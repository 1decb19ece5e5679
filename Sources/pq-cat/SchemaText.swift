import CommandSupport
import Parquet

/// A schema tree as text, in the form in which Parquet's own documents write it.
///
/// ```
/// message schema {
///   required binary patient_id (STRING);
///   optional double heart_rate;
/// }
/// ```
struct SchemaText {
  private let elements: [SchemaElement]
  private var next = 0
  private var lines: [String] = []

  /// Writes the tree of a file; linear in its nodes.
  static func text(of metadata: ParquetMetadata) -> String {
    var text = SchemaText(elements: metadata.schemaElements)
    text.writeRoot()
    return text.lines.joined(separator: "\n")
  }

  private init(elements: [SchemaElement]) {
    self.elements = elements
  }

  private mutating func writeRoot() {
    guard let root = elements.first else { return }
    next = 1
    lines.append("message \(CommandText.printable(root.name)) {")
    for _ in 0..<max(0, root.childCount ?? 0) { write(depth: 1) }
    lines.append("}")
  }

  private mutating func write(depth: Int) {
    guard next < elements.count else { return }
    let element = elements[next]
    next += 1
    let indent = String(repeating: "  ", count: depth)
    let repetition = element.repetition.map { $0.name.lowercased() } ?? "unknown"
    var tail = element.annotation.map { " (\($0))" } ?? ""
    if let fieldID = element.fieldID { tail += " = \(fieldID)" }
    let name = CommandText.printable(element.name)
    if let children = element.childCount, element.physicalType == nil {
      lines.append("\(indent)\(repetition) group \(name)\(tail) {")
      for _ in 0..<max(0, children) { write(depth: depth + 1) }
      lines.append("\(indent)}")
    } else {
      lines.append("\(indent)\(repetition) \(element.typeText) \(name)\(tail);")
    }
  }
}

extension SchemaElement {
  /// The physical type in the words of a schema text.
  fileprivate var typeText: String {
    switch physicalType {
    case .byteArray: "binary"
    case .fixedLengthByteArray: "fixed_len_byte_array(\(typeLength ?? 0))"
    case let type?: type.name.lowercased()
    case nil: "unknown"
    }
  }

  /// What the values mean, where the file says it.
  fileprivate var annotation: String? {
    guard let logicalType else { return convertedType.map(convertedText) }
    return switch logicalType {
    case .string: "STRING"
    case .map: "MAP"
    case .list: "LIST"
    case .enumeration: "ENUM"
    case .decimal(let precision, let scale): "DECIMAL(\(precision),\(scale))"
    case .date: "DATE"
    case .time(let unit, let isUTC): "TIME(\(unit.text),\(isUTC))"
    case .timestamp(let unit, let isUTC): "TIMESTAMP(\(unit.text),\(isUTC))"
    case .integer(let bits, let isSigned): "INTEGER(\(bits),\(isSigned))"
    case .null: "UNKNOWN"
    case .json: "JSON"
    case .bson: "BSON"
    case .uuid: "UUID"
    case .float16: "FLOAT16"
    case .variant: "VARIANT"
    case .geometry(let crs): "GEOMETRY\(crs.map { "(\(CommandText.printable($0)))" } ?? "")"
    case .geography(let crs, _): "GEOGRAPHY\(crs.map { "(\(CommandText.printable($0)))" } ?? "")"
    case .vector: "VECTOR"
    case .unknown(let number): "LOGICAL_TYPE_\(number)"
    }
  }

  /// The names of the deprecated annotations, by number (parquet.thrift, `ConvertedType`).
  private func convertedText(_ number: Int32) -> String {
    let names = [
      "UTF8", "MAP", "MAP_KEY_VALUE", "LIST", "ENUM", "DECIMAL", "DATE", "TIME_MILLIS", "TIME_MICROS",
      "TIMESTAMP_MILLIS", "TIMESTAMP_MICROS", "UINT_8", "UINT_16", "UINT_32", "UINT_64", "INT_8", "INT_16", "INT_32",
      "INT_64", "JSON", "BSON", "INTERVAL",
    ]
    let name = names.indices.contains(Int(number)) ? names[Int(number)] : "CONVERTED_TYPE_\(number)"
    return name == "DECIMAL" ? "DECIMAL(\(precision ?? 0),\(scale ?? 0))" : name
  }
}

extension LogicalTimeUnit {
  fileprivate var text: String {
    switch self {
    case .millis: "MILLIS"
    case .micros: "MICROS"
    case .nanos: "NANOS"
    }
  }
}
