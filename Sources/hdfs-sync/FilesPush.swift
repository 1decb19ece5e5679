import CommandSupport
import Storage
import WebHDFS

/// Pushes a plain directory of Parquet files to a directory elsewhere: what is there with the same content is skipped,
/// what is there with another one is left alone.
struct FilesPush: Sendable {
  let source: LocalFileStore
  let target: any FileStore
  let width: Int
  let isDryRun: Bool
  let readsBack: Bool

  /// What became of a file.
  private enum Fate: Sendable {
    case pushed(Int64)
    case same
    case stopped(String)
  }

  func run() async throws -> Outcome {
    // Files that no log names are no part of a table.
    if try await target.status("_delta_log") != nil {
      throw CommandError(
        "\(target.root): a Delta table, to which plain files cannot be added – name another directory", exit: .usage)
    }
    let files = try await files(in: "")
    let bar = ProgressBar(total: files.reduce(0) { $0 + $1.size }, isShown: StandardError.isTerminal && !isDryRun)
    defer { bar.finish() }
    var outcome = Outcome()
    try await withThrowingTaskGroup(of: Fate.self) { (group) in
      for (index, file) in files.enumerated() {
        if index >= width, let fate = try await group.next() { Self.count(fate, in: &outcome) }
        group.addTask {
          let fate = try await push(file)
          bar.add(file.size)
          return fate
        }
      }
      for try await fate in group { Self.count(fate, in: &outcome) }
    }
    outcome.stopped.sort()
    return outcome
  }

  private static func count(_ fate: Fate, in outcome: inout Outcome) {
    switch fate {
    case .pushed(let bytes):
      outcome.files += 1
      outcome.bytes += bytes
    case .same: outcome.alreadyLanded += 1
    case .stopped(let reason):
      outcome.remaining += 1
      outcome.stopped.append(reason)
    }
  }

  /// All Parquet files, in the order of their paths; names that begin with a dot or an underscore are no data.
  private func files(in directory: String) async throws -> [FileStatus] {
    var found: [FileStatus] = []
    for entry in try await source.list(directory) {
      guard let first = StorePath.name(of: entry.path).first, !Glob.hiding.contains(first) else { continue }
      if entry.isDirectory {
        found += try await files(in: entry.path)
      } else if entry.path.hasSuffix(".parquet") {
        found.append(entry)
      }
    }
    return found
  }

  private func push(_ file: FileStatus) async throws -> Fate {
    let local = "\(source.root)/\(file.path)"
    guard try await isComplete(file) else { return .stopped("\(local): not a complete Parquet file; left alone") }
    switch try await holds(file) {
    case true?: return .same
    case false?: return .stopped("\(target.root)/\(file.path): another file holds the name; left alone")
    case nil: break
    }
    if isDryRun { return .pushed(file.size) }
    guard try await create(file) == .created else {
      return .stopped("\(target.root)/\(file.path): another file has taken the name; left alone")
    }
    if readsBack, try await !readBack(file) {
      throw CommandError("\(target.root)/\(file.path): what was read back differs from \(local)", exit: .dataError)
    }
    return .pushed(file.size)
  }

  private func isComplete(_ file: FileStatus) async throws -> Bool {
    guard file.size >= 12 else { return false }
    let content = try await source.open(file.path)
    let ends = try await content.read([0..<4, file.size - 4..<file.size], gap: 0)
    // The second one closes files whose footer is encrypted.
    return [Array("PAR1".utf8), Array("PARE".utf8)].contains { ends == [$0, $0] }
  }

  private func holds(_ file: FileStatus) async throws -> Bool? {
    if let target = target as? WebHDFSFileStore {
      return try await target.holds(file.path, FileUpload(path: "\(source.root)/\(file.path)"))
    }
    guard let status = try await target.status(file.path) else { return nil }
    guard !status.isDirectory, status.size == file.size else { return false }
    return try await readBack(file)
  }

  private func create(_ file: FileStatus) async throws -> CreateOutcome {
    if let target = target as? WebHDFSFileStore {
      return try await target.create(file.path, from: FileUpload(path: "\(source.root)/\(file.path)"))
    }
    return try await target.create(file.path, try await source.read(file.path, limit: 1 << 30))
  }

  private func readBack(_ file: FileStatus) async throws -> Bool {
    let (here, there) = (try await source.open(file.path), try await target.open(file.path))
    guard here.size == there.size else { return false }
    for start in stride(from: 0, to: here.size, by: 4 << 20) {
      let range = start..<min(start + (4 << 20), here.size)
      guard try await here.read(range) == there.read(range) else { return false }
    }
    return true
  }
}
