import CommandSupport
import Query
import Storage
import WebHDFS

/// A file on HDFS that `COPY` writes. It is laid aside in a local file without a name and goes up when it is whole: a
/// query may take longer than a server waits for the next bytes.
struct RemoteResultFile: ResultFile {
  private let client: WebHDFSClient
  private let path: String
  private let replaces: Bool
  private let content: ScratchFile

  /// - Parameter directory: where the rows are laid aside.
  /// - Throws: ``CommandError`` where there is such a file that may not be replaced.
  init(_ url: WebHDFSLocation, replaces: Bool, _ settings: Settings, in directory: String) async throws {
    client = WebHDFSClient(configuration: try WebHDFSConfiguration(location: url, settings: settings))
    path = url.path
    self.replaces = replaces
    if !replaces, try await client.statusIfPresent(path) != nil { throw Self.taken(path) }
    content = try ScratchFile(in: directory)
  }

  private static func taken(_ path: String) -> CommandError {
    CommandError("\(path): there is a file of this name – COPY … TO '…' (OVERWRITE) replaces it")
  }

  func write(_ bytes: [UInt8]) async throws { try content.append(bytes) }

  func finish() async throws {
    if try await client.upload(ScratchUpload(content), to: path, overwrite: replaces) == .alreadyExists {
      throw Self.taken(path)
    }
  }

  func discard() async {}
}
