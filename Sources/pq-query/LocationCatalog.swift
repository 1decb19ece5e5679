import CommandSupport
import Delta
import Query
import Storage

/// Tables by the locations that all commands share.
struct LocationCatalog: TableCatalog {
  let settings: Settings
  let version: TableVersion
  /// Where rows are laid aside that go to HDFS.
  let temporaryDirectory: String

  func table(at location: String) async throws -> TableSource {
    let input = try await Location(parsing: location).input(settings, at: version)
    let files = input.files.map { file in
      TableFile(
        name: file.name, partitions: file.partitionValues.map { ($0.column, $0.text) }, statistics: file.statistics
      ) {
        try await file.open()
      }
    }
    return TableSource(files: files, schema: input.schema, partitionColumns: input.partitionColumns)
  }

  func newFile(at location: String, replaces: Bool) async throws -> any ResultFile {
    let path: String
    switch try Location(parsing: location) {
    case .local(let local): path = local
    case .hdfs(let url): return try await RemoteResultFile(url, replaces: replaces, settings, in: temporaryDirectory)
    case .standardStream: throw QueryError(.notSupported, "COPY to standard output – give the query alone")
    }
    do throws(StorageError) {
      return LocalResultFile(file: try NewLocalFile(path: path, replaces: replaces))
    } catch {
      guard error.code == .alreadyExists else { throw error }
      throw CommandError("\(path): there is a file of this name – COPY … TO '…' (OVERWRITE) replaces it")
    }
  }
}

/// A local file that `COPY` writes.
private struct LocalResultFile: ResultFile {
  let file: NewLocalFile

  func write(_ bytes: [UInt8]) async throws { try await file.write(bytes) }
  func finish() async throws { try await file.finish() }
  func discard() async { file.discard() }
}
