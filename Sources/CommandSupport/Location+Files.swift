public import Delta
import Storage
import WebHDFS

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

extension Location {
  /// The Parquet files that a location stands for, sorted by path: a file, the matches of a glob, the files that a
  /// Delta table holds at the version asked for, all files below another directory (names that begin with `.` or `_`
  /// left out), or standard input, read to its end.
  ///
  /// - Throws: ``CommandError``, `StorageError` or `DeltaError` when nothing is found, or a listing or the log fails;
  ///   with ``ExitStatus/usage`` when another version than the newest is asked of what is no Delta table.
  public func input(_ settings: Settings, at version: TableVersion = .newest) async throws -> InputTable {
    switch self {
    case .standardStream:
      guard version == .newest else { throw FileSearch.noVersions("standard input") }
      return InputTable(files: [InputFile(name: "standard input", bytes: try StandardInput.readAll())])
    case .local(let path):
      return try await FileSearch.files(path, as: path, at: version) { LocalFileStore(root: $0) }
    case .hdfs(let url):
      return try await FileSearch.files(url.path, as: description, at: version) { root throws(CommandError) in
        var directory = url
        directory.path = root
        return try Location.hdfs(directory).fileStore(settings)
      }
    }
  }
}

/// Finds files below one directory of a store.
private struct FileSearch {
  let store: any FileStore
  /// What a path in the store begins with in messages: the part of the location before the first pattern.
  let prefix: String

  /// How many files and levels a search walks at most.
  private static let maximumFiles = 1_000_000
  private static let maximumDepth = 64

  /// The files of a path; `name` is the whole location, which ends with the path.
  static func files(
    _ path: String, as name: String, at version: TableVersion,
    _ makeStore: (_ root: String) throws(CommandError) -> any FileStore
  ) async throws -> InputTable {
    let path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    let origin = String(name.dropLast(name.hasSuffix(path) ? path.count : path.count + 1))
    let whole = FileSearch(store: try makeStore(path), prefix: path == "/" ? name : "\(origin)\(path)/")
    if let status = try await whole.store.status("") {
      guard !status.isDirectory else { return try await whole.table(as: name, at: version) }
      guard version == .newest else { throw noVersions(name) }
      let (directory, file) = split(path, at: path.lastIndex(of: "/"))
      let store = try makeStore(directory)
      return InputTable(files: [InputFile(name: name, store: store, path: file)])
    }
    guard version == .newest || !Glob.isPattern(path) else { throw noVersions(name) }
    guard Glob.isPattern(path) else { throw CommandError("\(name): no such file or directory – check the path") }
    let first = path.firstIndex { "*?[".contains($0) } ?? path.startIndex
    let (directory, pattern) = split(path, at: path[..<first].lastIndex(of: "/"))
    let prefix = String(name.dropLast(pattern.count))
    let found = try await FileSearch(store: try makeStore(directory), prefix: prefix).files(matching: pattern)
    guard !found.isEmpty else { throw CommandError("\(name): no file matches – check the pattern and quote it") }
    return InputTable(files: found)
  }

  /// What is said where a version is asked of something that has none.
  static func noVersions(_ name: String) -> CommandError {
    CommandError("\(name): only a Delta table has versions – leave the version out", exit: .usage)
  }

  /// The directory before a slash and the rest behind it; `.` where there is no slash.
  private static func split(_ path: String, at slash: String.Index?) -> (directory: String, rest: String) {
    guard let slash else { return (".", path) }
    return (slash == path.startIndex ? "/" : String(path[..<slash]), String(path[path.index(after: slash)...]))
  }

  /// The whole directory: a Delta table by its log, any other by its files.
  private func table(as name: String, at version: TableVersion) async throws -> InputTable {
    if let table = try await DeltaTable.openIfPresent(store: store, at: version) {
      return try InputTable(table.snapshot, store: store, prefix: prefix)
    }
    guard version == .newest else { throw Self.noVersions(name) }
    let found = try await filesBelow("")
    guard !found.isEmpty else { throw CommandError("\(name): no Parquet files in this directory – check the path") }
    return InputTable(files: found)
  }

  private func files(matching pattern: String) async throws -> [InputFile] {
    let components = pattern.split(separator: "/").filter { $0 != "." }
    var directories = [""]
    var found: [InputFile] = []
    for (position, component) in components.enumerated() {
      let glob = Glob(component)
      var next: [String] = []
      for directory in directories {
        for entry in try await entries(of: directory) where glob.matches(lastName(entry.path)) {
          if entry.isDirectory {
            next.append(entry.path)
          } else if position == components.count - 1 {
            found.append(file(entry.path))
          }
        }
      }
      directories = next
    }
    for directory in directories { found += try await filesBelow(directory) }
    return found.sorted { StorePath.precedes($0.name, $1.name) }
  }

  private func filesBelow(_ root: String) async throws -> [InputFile] {
    var found: [InputFile] = []
    var waiting = [(path: root, depth: 0)]
    while let (directory, depth) = waiting.popLast() {
      let entries = try await entries(of: directory)
      for entry in entries {
        let name = lastName(entry.path)
        if let first = name.first, Glob.hiding.contains(first) { continue }
        if entry.isDirectory {
          waiting.append((entry.path, depth + 1))
        } else if isParquet(name) {
          found.append(file(entry.path))
        }
      }
      guard depth < FileSearch.maximumDepth, found.count <= FileSearch.maximumFiles else {
        throw CommandError("\(prefix)\(root): too many files or levels of directories – name a part of it")
      }
    }
    return found.sorted { StorePath.precedes($0.name, $1.name) }
  }

  /// Listing apart from the walk: in one function the two crash the optimiser of Swift 6.3.1 (coroutine splitting).
  private func entries(of directory: String) async throws -> [FileStatus] {
    do throws(StorageError) {
      return try await store.list(directory)
    } catch {
      throw CommandError(describing: error)
    }
  }

  private func file(_ path: String) -> InputFile {
    let values = path.split(separator: "/").dropLast().compactMap { PartitionValue(directory: $0) }
    return InputFile(name: prefix + path, store: store, path: path, partitionValues: values)
  }

  private func lastName(_ path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
  }

  private func isParquet(_ name: String) -> Bool {
    [".parquet", ".parq", ".pq"].contains { name.hasSuffix($0) }
  }
}

/// Standard input.
enum StandardInput {
  /// The longest input that is taken into memory, in bytes.
  private static let limit = 4 << 30

  /// All bytes to the end.
  static func readAll() throws -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = unsafe chunk.withUnsafeMutableBytes { unsafe read(STDIN_FILENO, $0.baseAddress, $0.count) }
      if count == 0 { return bytes }
      if count < 0 {
        if errno == EINTR { continue }
        throw CommandError("standard input: \(FileDescriptor.describe(errno))")
      }
      guard bytes.count + count <= limit else {
        throw CommandError("standard input: more than \(limit) bytes – save it to a file first", exit: .dataError)
      }
      bytes += chunk[..<count]
    }
  }
}
