public import Storage
public import WebHDFS

extension Location {
  /// The table that commands mean when none is named: `HDFS_DIR` on `HDFS_URL`.
  ///
  /// - Throws: ``CommandError`` with ``ExitStatus/usage`` when `HDFS_URL` cannot be read.
  public static func defaultTable(_ settings: Settings) throws(CommandError) -> Location {
    do throws(StorageError) {
      let server = try WebHDFSLocation(parsing: settings.string(.hdfsURL))
      return .hdfs(server.appending(settings.string(.hdfsDirectory)))
    } catch {
      throw CommandError("\(Setting.hdfsURL.name): \(error)", exit: .usage)
    }
  }

  /// A file store whose root is this location.
  ///
  /// - Throws: ``CommandError`` with ``ExitStatus/usage`` for standard input and output, which are no tree of files,
  ///   and for settings of HDFS that cannot be read.
  public func fileStore(_ settings: Settings) throws(CommandError) -> any FileStore {
    switch self {
    case .standardStream:
      throw CommandError("-: a directory is needed here – name a path or webhdfs:// URL", exit: .usage)
    case .local(let path):
      return LocalFileStore(root: path)
    case .hdfs(let url):
      let configuration = try WebHDFSConfiguration(location: url, settings: settings)
      return WebHDFSFileStore(client: WebHDFSClient(configuration: configuration), root: url.path)
    }
  }
}

extension WebHDFSConfiguration {
  /// How to reach the NameNodes of a location with the settings `HDFS_USER`, `HDFS_DOAS`, `HDFS_TOKEN_FILE`,
  /// `HDFS_CA_FILE`, `HDFS_CLIENT_CERT`, `HDFS_CLIENT_KEY`, `HDFS_AUTH`, `HDFS_REDIRECT_HOSTS` and `HDFS_HOST_MAP`. A
  /// user in the URL wins.
  ///
  /// - Throws: ``CommandError`` with ``ExitStatus/usage`` when a setting cannot be read.
  public init(location: WebHDFSLocation, settings: Settings) throws(CommandError) {
    self.init(location: location, user: settings.string(.hdfsUser))
    doAs = settings.optional(.hdfsDoAs)
    tokenFile = settings.optional(.hdfsTokenFile)
    caFile = settings.optional(.hdfsCAFile)
    clientCertificateFile = settings.optional(.hdfsClientCertificate)
    clientKeyFile = settings.optional(.hdfsClientKey)
    let proof = settings.string(.hdfsAuthentication)
    guard let authentication = Authentication(rawValue: proof) else {
      throw CommandError(
        "\(Setting.hdfsAuthentication.name): \(proof.debugDescription) is neither simple nor kerberos", exit: .usage)
    }
    self.authentication = authentication
    allowedRedirectHosts = settings.optional(.hdfsRedirectHosts).map {
      $0.split(separator: ",").map(CommandText.trimmed)
    }
    for pair in settings.string(.hdfsHostMap).split(separator: ",") {
      let sides = pair.split(separator: "=", omittingEmptySubsequences: false).map(CommandText.trimmed)
      guard sides.count == 2, !sides[0].isEmpty, !sides[1].isEmpty else {
        throw CommandError(
          "\(Setting.hdfsHostMap.name): \(pair.debugDescription) is not name=address – write name=address,…",
          exit: .usage)
      }
      hostMap[sides[0]] = sides[1]
    }
  }
}
