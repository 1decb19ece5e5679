/// How much a server takes.
public struct ServerLimits: Hashable, Sendable {
  /// Bytes of the body of one patient.
  public var bodyBytes = 64 << 10
  /// Bytes of the body of many patients.
  public var batchBytes = 16 << 20
  /// Patients of one body.
  public var batchRows = 10_000
  /// Requests that are answered at the same time; further ones are told to come again.
  public var requests = 1_000
  /// Connections; further ones wait.
  public var connections = 4_096
  /// Time for a body to come, and for a connection without a request.
  public var patience = Duration.seconds(10)

  /// The limits by default.
  public init() {}

  /// Bytes that a route's body may have.
  func bodyBytes(of route: ModelRoute) -> Int {
    switch route {
    case .batch: batchBytes
    default: route.isPost ? bodyBytes : 0
    }
  }
}
