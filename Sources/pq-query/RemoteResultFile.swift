import CommandSupport
import Query
import Storage
import Synchronization
import WebHDFS

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A file on HDFS that `COPY` writes. It is laid aside in a private local directory and goes up when it is whole: a
/// query may take longer than a server waits for the next bytes.
final class RemoteResultFile: ResultFile {
  private let client: WebHDFSClient
  private let path: String
  private let replaces: Bool
  private let directory: PrivateDirectory
  private let file: NewLocalFile

  /// - Throws: ``CommandError`` where there is such a file that may not be replaced.
  init(_ url: WebHDFSLocation, replaces: Bool, _ settings: Settings) async throws {
    client = WebHDFSClient(configuration: try WebHDFSConfiguration(location: url, settings: settings))
    path = url.path
    self.replaces = replaces
    if !replaces, try await client.statusIfPresent(path) != nil { throw Self.taken(path) }
    directory = try PrivateDirectory()
    file = try NewLocalFile(path: "\(directory.path)/rows", replaces: false)
  }

  private static func taken(_ path: String) -> CommandError {
    CommandError("\(path): there is a file of this name – COPY … TO '…' (OVERWRITE) replaces it")
  }

  func write(_ bytes: [UInt8]) async throws { try await file.write(bytes) }

  func finish() async throws {
    try await file.finish()
    let outcome = try await client.upload(try FileUpload(path: file.path), to: path, overwrite: replaces)
    directory.remove("rows")
    if outcome == .alreadyExists { throw Self.taken(path) }
  }

  func discard() async {
    file.discard()
    directory.remove("rows")
  }
}

/// A local directory that nobody else can look into.
private struct PrivateDirectory {
  let path: String

  init() throws(CommandError) {
    let parent = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/tmp"
    var template = Array("\(parent)/pq-query.XXXXXX".utf8CString)
    let isMade = unsafe template.withUnsafeMutableBufferPointer { buffer in
      unsafe buffer.baseAddress.flatMap { unsafe mkdtemp($0) } != nil
    }
    guard isMade else {
      throw CommandError("\(parent): no directory can be made here for the rows – set TMPDIR")
    }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Removes the directory with the file in it.
  func remove(_ name: String) {
    _ = unsafe unlink("\(path)/\(name)")
    _ = unsafe rmdir(path)
  }
}
