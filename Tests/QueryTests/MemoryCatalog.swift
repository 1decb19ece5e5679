import Columnar
import Query
import Storage
import Synchronization

/// A catalog of files in memory, which `COPY` adds to.
final class MemoryCatalog: TableCatalog {
  private let files: Mutex<[String: [UInt8]]>
  /// Files that were begun and given up.
  let discarded = Mutex(0)

  init(_ files: [String: String] = [:]) {
    self.files = Mutex(files.mapValues { Array($0.utf8) })
  }

  /// The names of the files that are whole.
  var names: [String] { files.withLock { $0.keys.sorted() } }

  func content(of name: String) -> [UInt8] { files.withLock { $0[name] ?? [] } }

  func put(_ name: String, _ bytes: [UInt8]) { files.withLock { $0[name] = bytes } }

  /// A name alone, or all names that begin with one and a slash; `a=1/` in them is a partition.
  func table(at location: String) async throws -> TableSource {
    let found = files.withLock { files in
      files.filter { $0.key == location || $0.key.hasPrefix(location + "/") }.sorted { $0.key < $1.key }
    }
    if found.isEmpty { throw QueryError(.binding, "no table is called \"\(location)\"") }
    return TableSource(
      files: found.map { name, bytes in
        let partitions = name.split(separator: "/").compactMap { part -> (column: String, text: String?)? in
          let sides = part.split(separator: "=")
          return sides.count == 2 ? (String(sides[0]), String(sides[1])) : nil
        }
        return TableFile(name: name, partitions: partitions) { BytesSource(bytes, name: name) }
      })
  }

  func newFile(at location: String, replaces: Bool) async throws -> any ResultFile {
    if !replaces, names.contains(location) { throw QueryError(.value, "\(location): there is a file of this name") }
    return MemoryFile(catalog: self, name: location)
  }
}

private final class MemoryFile: ResultFile {
  private let catalog: MemoryCatalog
  private let name: String
  private let content = Mutex<[UInt8]>([])

  init(catalog: MemoryCatalog, name: String) {
    self.catalog = catalog
    self.name = name
  }

  func write(_ bytes: [UInt8]) async throws { content.withLock { $0 += bytes } }
  func finish() async throws { catalog.put(name, content.withLock { $0 }) }
  func discard() async { catalog.discarded.withLock { $0 += 1 } }
}
