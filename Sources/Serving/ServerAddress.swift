/// Where a server listens.
public struct ServerAddress: Hashable, Sendable {
  /// The name or address of an interface.
  public var host: String
  /// The port; 0 for any that is free.
  public var port: Int

  /// Names a place.
  public init(host: String, port: Int) {
    self.host = host
    self.port = port
  }
}
