/// A client of HDFS over its REST interface, WebHDFS.
public final class WebHDFSClient: Sendable {
  /// How the cluster is reached.
  public let configuration: WebHDFSConfiguration

  /// Makes a client; nothing is sent yet.
  public init(configuration: WebHDFSConfiguration) {
    self.configuration = configuration
  }
}
