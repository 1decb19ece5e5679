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

  /// The path without its leading slash.
  var relative: String { String(path.dropFirst()) }

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
  /// How many files are sent at a time to one cluster; to be set before the first path is read.
  var parallelUploads: Int?
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
    var configuration = try WebHDFSConfiguration(location: location, settings: settings)
    configuration.parallelUploads = parallelUploads
    let client = WebHDFSClient(configuration: configuration)
    clients[cluster] = client
    return RemotePath(client: client, path: location.path)
  }

  mutating func paths(_ texts: [String]) throws(CommandError) -> [RemotePath] {
    var result: [RemotePath] = []
    for text in texts { result.append(try path(text)) }
    return result
  }

  /// The paths that patterns mean, in the order of their names; a pattern that means nothing is an error.
  mutating func matching(_ texts: [String]) async throws -> [RemotePath] {
    var result: [RemotePath] = []
    for place in try paths(texts) { result += try await Self.expand(place) }
    return result
  }

  /// `*`, `?` and `[…]` stand for parts of one name. A path that is there is never taken for a pattern.
  private static func expand(_ place: RemotePath) async throws -> [RemotePath] {
    guard Glob.isPattern(place.path), try await place.client.statusIfPresent(place.path) == nil else { return [place] }
    let components = place.path.split(separator: "/")
    var found = [RemotePath(client: place.client, path: "/")]
    for (depth, component) in components.enumerated() {
      let isLast = depth == components.count - 1
      if Glob.isPattern(component) {
        found = try await children(found, Glob(component, hiding: ["."]), onlyDirectories: !isLast)
      } else {
        found = found.map { $0.appending(String(component)) }
        if isLast { found = try await present(found) }
      }
    }
    guard !found.isEmpty else { throw CommandError("\(place.description): nothing matches the pattern") }
    return found
  }

  private static func children(
    _ places: [RemotePath], _ glob: Glob, onlyDirectories: Bool
  ) async throws -> [RemotePath] {
    var found: [RemotePath] = []
    for place in places {
      // A fixed name behind a pattern need not be there.
      guard try await place.client.statusIfPresent(place.path)?.isDirectory == true else { continue }
      for try await page in place.client.pages(of: place.path) {
        found += page.filter { glob.matches($0.name) && (!onlyDirectories || $0.isDirectory) }
          .map { place.appending($0.name) }
      }
    }
    return found
  }

  private static func present(_ places: [RemotePath]) async throws -> [RemotePath] {
    var found: [RemotePath] = []
    for place in places where try await place.client.statusIfPresent(place.path) != nil { found.append(place) }
    return found
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
