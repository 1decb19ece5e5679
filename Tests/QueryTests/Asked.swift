import Columnar
import Query

/// A catalog without tables: queries bring their rows along.
struct NoTables: TableCatalog {
  func table(at location: String) async throws -> TableSource {
    throw QueryError(.binding, "no table is called \"\(location)\"")
  }
}

/// Runs a statement and gives its rows as text: cells between bars, rows between line ends.
func asked(_ sql: String, _ session: QuerySession = QuerySession(catalog: NoTables())) async throws -> String {
  var lines: [String] = []
  try await session.run(sql) { batch in
    for row in 0..<batch.rowCount {
      lines.append(
        zip(batch.columns, batch.schema.fields).map { text($0.scalar(at: row), $1.type) }.joined(separator: "|"))
    }
  }
  return lines.joined(separator: "\n")
}

/// The message that a statement fails with, with its carets.
func failure(_ sql: String, _ session: QuerySession = QuerySession(catalog: NoTables())) async -> String {
  do {
    return "no failure: \(try await asked(sql, session))"
  } catch let error as QueryError {
    return error.explained(in: sql)
  } catch {
    return "\(error)"
  }
}

private func text(_ value: Scalar, _ type: DataType) -> String {
  switch (value, type) {
  case (.null, _): return "NULL"
  case (.boolean(let flag), _): return "\(flag)"
  case (.int(let days), .date): return CivilDate(daysSinceEpoch: Int(days)).description
  case (.int(let number), _): return "\(number)"
  case (.unsigned(let number), _): return "\(number)"
  case (.float(let number), _): return "\(number)"
  case (.double(let number), _): return "\(number)"
  case (.bytes(let bytes), .decimal(_, let scale)):
    let number = bytes.reduce(Int128(bytes[0] >= 0x80 ? -1 : 0)) { $0 << 8 | Int128($1) }
    if scale == 0 { return "\(number)" }
    let digits = String(String("\(number.magnitude)".reversed()).padding(to: scale + 1).reversed())
    return (number < 0 ? "-" : "") + digits.dropLast(scale) + "." + digits.suffix(scale)
  case (.bytes(let bytes), _): return String(decoding: bytes, as: UTF8.self)
  case (.list(let items), .list(let item)): return "[\(items.map { text($0, item.type) }.joined(separator: ", "))]"
  case (.list(let items), _): return "\(items)"
  case (.structure(let items), .structure(let fields)):
    return "{\(zip(items, fields).map { text($0, $1.type) }.joined(separator: ", "))}"
  case (.structure(let items), _): return "\(items)"
  }
}

extension String {
  fileprivate func padding(to length: Int) -> String {
    self + String(repeating: "0", count: Swift.max(0, length - count))
  }
}
