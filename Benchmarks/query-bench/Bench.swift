import Columnar
import Query
import Storage

/// Runs queries over one Parquet file in process: `query-bench FILE THREADS ROUNDS NAME SQL`, where `T` in the SQL
/// stands for the table. Prints the seconds of each round, and the rows.
@main
struct Bench {
  static func main() async throws {
    let arguments = CommandLine.arguments
    guard arguments.count == 5, let threads = Int(arguments[2]), let rounds = Int(arguments[3]) else {
      return print("usage: query-bench FILE THREADS ROUNDS SQL")
    }
    let session = QuerySession(catalog: OneFile(path: arguments[1]), options: QueryOptions(threads: threads))
    var best = Double.infinity
    for round in 0..<max(1, rounds) {
      let start = ContinuousClock.now
      do {
        let result = try await session.run(arguments[4]) { batch in
          guard round == 0 else { return }
          for row in 0..<min(batch.rowCount, 20) {
            print(batch.columns.map { text($0.scalar(at: row)) }.joined(separator: "\t"))
          }
        }
        best = min(best, (ContinuousClock.now - start) / .seconds(1))
        if round == rounds - 1 { print("seconds \(best) rows \(result.rowCount) bytes \(result.bytesRead)") }
      } catch let error as QueryError {
        return print(error.explained(in: arguments[4]))
      }
    }
  }

  private static func text(_ value: Scalar) -> String {
    switch value {
    case .null: "NULL"
    case .boolean(let flag): "\(flag)"
    case .int(let number): "\(number)"
    case .unsigned(let number): "\(number)"
    case .float(let number): "\(number)"
    case .double(let number): "\(number)"
    case .bytes(let bytes): String(decoding: bytes, as: UTF8.self)
    case .list(let items): "[\(items.map(text).joined(separator: ", "))]"
    case .structure(let items): "{\(items.map(text).joined(separator: ", "))}"
    }
  }
}

/// A catalog in which every name means the same file.
private struct OneFile: TableCatalog {
  let path: String

  func table(at location: String) async throws -> TableSource {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    let store = LocalFileStore(root: parts.dropLast().joined(separator: "/"))
    let name = String(parts.last ?? "")
    return TableSource(files: [TableFile(name: path) { try await store.open(name) }])
  }
}
