import CommandSupport
import Storage
import WebHDFS

/// A path on HDFS together with the client that reaches it.
struct RemotePath: Sendable {
  let client: WebHDFSClient
  /// The absolute path.
  let path: String

  /// The last component; empty for the root.
  var name: String { String(path.split(separator: "/").last ?? "") }

  /// A path below this one.
  func appending(_ name: String) -> RemotePath {
    RemotePath(client: client, path: path == "/" ? "/\(name)" : "\(path)/\(name)")
  }

  /// The same place as people write it.
  var description: String { client.address + path }
}

/// Reads paths; those on one cluster share a client and its connections.
struct RemotePaths {
  private let settings: Settings
  private var clients: [WebHDFSLocation: WebHDFSClient] = [:]

  init(_ settings: Settings) {
    self.settings = settings
  }

  /// - Throws: ``CommandError`` with ``ExitStatus/usage`` for what is neither a URL nor an absolute path.
  mutating func path(_ text: String) throws(CommandError) -> RemotePath {
    let location: WebHDFSLocation
    do throws(StorageError) {
      if WebHDFSLocation.isLocation(text) {
        location = try WebHDFSLocation(parsing: text)
      } else {
        guard text.hasPrefix("/") else {
          throw StorageError(.invalidPath, path: text, message: "write an absolute path or a webhdfs:// URL")
        }
        location = try WebHDFSLocation(parsing: settings.string(.hdfsURL)).appending(text)
      }
    } catch {
      throw CommandError("\(error)", exit: .usage)
    }
    var cluster = location
    cluster.path = "/"
    if let client = clients[cluster] { return RemotePath(client: client, path: location.path) }
    let client = WebHDFSClient(configuration: try WebHDFSConfiguration(location: location, settings: settings))
    clients[cluster] = client
    return RemotePath(client: client, path: location.path)
  }

  mutating func paths(_ texts: [String]) throws(CommandError) -> [RemotePath] {
    var result: [RemotePath] = []
    for text in texts { result.append(try path(text)) }
    return result
  }
}

/// Runs the work of a subcommand with the paths' reader.
func runOnHDFS(_ common: CommonOptions, _ work: (inout RemotePaths) async throws -> Void) async throws {
  common.bootstrapLogging()
  try await runCommand("hdfs-fs") {
    var paths = RemotePaths(try await Settings.load())
    try await work(&paths)
  }
}
