import Columnar

/// What stands around the values of a row in every format but the table: `{"a":` 1 `,"b":` 2 `}\n`.
struct RowFrame: Sendable {
  /// What comes before all rows.
  let header: [UInt8]
  /// What comes before the value of each column.
  private let leads: [[UInt8]]
  /// What ends a row.
  private let trail: [UInt8]
  /// What separates a row from the one before it; only JSON arrays have such a thing.
  private let separator: [UInt8]

  /// Makes the frame of a format for rows of a schema.
  init(format: OutputFormat, schema: Schema) {
    let style = format.cellStyle
    let names = schema.fields.map { field in
      var name = TextBuffer()
      name.append(text: Array(field.name.utf8)[...], style)
      return name.bytes
    }
    func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
    switch format {
    case .ndjson, .json:
      leads = names.enumerated().map { bytes($0 == 0 ? "{" : ",") + $1 + bytes(":") }
      trail = bytes(names.isEmpty ? "{}" : "}") + (format == .ndjson ? bytes("\n") : [])
      header = format == .json ? bytes("[") : []
    case .csv, .tsv:
      let comma = bytes(format == .csv ? "," : "\t")
      leads = names.indices.map { $0 == 0 ? [] : comma }
      trail = bytes(format == .csv ? "\r\n" : "\n")
      header = zip(leads, names).flatMap { $0 + $1 } + trail
    case .markdown:
      leads = names.indices.map { bytes($0 == 0 ? "| " : " | ") }
      trail = bytes(" |\n")
      let rules = schema.fields.map { bytes($0.type.isRightAligned ? "---:" : "---") }
      header = zip(leads, names).flatMap { $0 + $1 } + trail + zip(leads, rules).flatMap { $0 + $1 } + trail
    case .table: (leads, trail, header) = ([], [], [])
    }
    separator = bytes(format == .json ? ",\n" : "")
  }

  /// Adds rows: first the length of each is found and so its place, then each column is dealt out.
  func append(_ cells: [CellText], count: Int, isFirst: Bool, to bytes: inout [UInt8]) {
    var places = Array(repeating: separator.count + trail.count, count: count)
    for (lead, cell) in zip(leads, cells) {
      for row in 0..<count { places[row] &+= lead.count &+ cell.ends[row] &- cell.starts[row] }
    }
    var end = bytes.count
    if isFirst, count > 0 { places[0] -= separator.count }
    for row in 0..<count {
      let length = places[row]
      places[row] = end
      end += length
    }
    bytes.append(contentsOf: repeatElement(0, count: end - bytes.count))
    RowFrame.deal(separator, to: &bytes, at: &places, from: isFirst ? 1 : 0)
    for (lead, cell) in zip(leads, cells) {
      RowFrame.deal(lead, to: &bytes, at: &places, from: 0)
      cell.deal(to: &bytes, at: &places)
    }
    RowFrame.deal(trail, to: &bytes, at: &places, from: 0)
  }

  /// Writes the same piece into each row and moves the rows' places behind it.
  private static func deal(_ piece: [UInt8], to bytes: inout [UInt8], at places: inout [Int], from first: Int) {
    guard !piece.isEmpty else { return }
    var target = bytes.mutableSpan
    for row in first..<max(first, places.count) {
      let place = places[row]
      for index in piece.indices { target[place &+ index] = piece[index] }
      places[row] = place &+ piece.count
    }
  }
}

extension CellText {
  /// Writes each row's text at its place and moves the places behind it.
  func deal(to bytes: inout [UInt8], at places: inout [Int]) {
    text.withBytes { source in
      var target = bytes.mutableSpan
      for row in starts.indices {
        var place = places[row]
        for index in starts[row]..<ends[row] {
          target[place] = source[index]
          place &+= 1
        }
        places[row] = place
      }
    }
  }
}

extension DataType {
  /// Whether values stand at the right of their column, as numbers do.
  var isRightAligned: Bool {
    switch self {
    case .int, .unsigned, .float16, .float, .double, .decimal: true
    default: false
    }
  }
}
