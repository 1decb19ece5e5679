import Columnar
import Delta
import Query
import Storage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Answers queries over one table in process: `query-bench PATH THREADS`, where `T` in a query stands for the
/// table. Each line of standard input is a query; each answer a line: seconds, rows, bytes read, and the first row.
@main
struct Bench {
  static func main() async throws {
    let arguments = CommandLine.arguments
    guard arguments.count == 3, let threads = Int(arguments[2]) else {
      return print("usage: query-bench PATH THREADS")
    }
    // As pq-query does.
    keepFreedMemory()
    let session = QuerySession(catalog: OneTable(path: arguments[1]), options: QueryOptions(threads: threads))
    while let sql = readLine() {
      var first = ""
      let start = ContinuousClock.now
      do {
        let result = try await session.run(sql) { batch in
          if first.isEmpty, batch.rowCount > 0 {
            first = batch.columns.map { text($0.scalar(at: 0)) }.joined(separator: ",")
          }
        }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        print("\(seconds)\t\(result.rowCount)\t\(result.bytesRead)\t\(first)")
      } catch let error as QueryError {
        print("failed\t\(error)")
      }
      fflush(nil)
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

/// A catalog in which every name means the same table, whose files are found once, as DuckDB's view finds them.
private actor OneTable: TableCatalog {
  private let path: String
  private var known: TableSource?

  init(path: String) { self.path = path }

  func table(at _: String) async throws -> TableSource {
    if let known { return known }
    let source: TableSource
    if !path.hasSuffix(".parquet") {
      let table = try await DeltaTable.open(store: LocalFileStore(root: path))
      let files = table.snapshot.files.map { Self.file($0.path, in: path, statistics: $0.stats) }
      source = TableSource(files: files, schema: table.snapshot.schema)
    } else {
      let parts = path.split(separator: "/", omittingEmptySubsequences: false)
      source = TableSource(
        files: [Self.file(String(parts.last ?? ""), in: parts.dropLast().joined(separator: "/"), statistics: nil)])
    }
    known = source
    return source
  }

  private static func file(_ name: String, in directory: String, statistics: String?) -> TableFile {
    let store = LocalFileStore(root: directory)
    return TableFile(name: "\(directory)/\(name)", statistics: statistics) { try await store.open(name) }
  }
}
