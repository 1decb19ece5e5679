import Columnar
import CommandSupport
import Query

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Answers queries over one table in process: `query-bench LOCATION THREADS`, where `T` in a query stands for the
/// table. Each line of standard input is a query; each answer a line: seconds, rows, bytes read, and the first row.
/// At the end a line `peak` with the most bytes that the process held.
@main
struct Bench {
  static func main() async throws {
    let arguments = CommandLine.arguments
    guard arguments.count == 3, let threads = Int(arguments[2]) else {
      return print("usage: query-bench LOCATION THREADS")
    }
    let catalog = OneTable(location: arguments[1], settings: try await Settings.load())
    let session = QuerySession(catalog: catalog, options: QueryOptions(threads: threads))
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
      unsafe fflush(stdout)
    }
    print("peak\t\(peakBytes())")
  }

  /// The most bytes that the process has held in memory at once.
  private static func peakBytes() -> Int {
    var usage = rusage()
    guard unsafe getrusage(RUSAGE_SELF, &usage) == 0 else { return 0 }
    return usage.ru_maxrss * 1_024
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

/// A catalog in which every name means the same table; it is found anew for each query, as it is for everyone.
private struct OneTable: TableCatalog {
  let location: String
  let settings: Settings

  func table(at _: String) async throws -> TableSource {
    let input = try await Location(parsing: location).input(settings)
    let files = input.files.map { file in
      TableFile(
        name: file.name, partitions: file.partitionValues.map { ($0.column, $0.text) }, statistics: file.statistics
      ) {
        try await file.open()
      }
    }
    return TableSource(files: files, schema: input.schema, partitionColumns: input.partitionColumns)
  }
}
