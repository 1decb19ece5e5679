/// How much the dashboard takes.
public struct DashboardLimits: Hashable, Sendable {
  /// Bytes of a body: forms are small.
  public var bodyBytes = 64 << 10
  /// Requests that are answered at the same time, streams left aside.
  public var requests = 500
  /// Connections, streams among them; further ones wait.
  public var connections = 4_096
  /// Streams of updates: one for each open page.
  public var streams = 2_000
  /// Time for a body to come, and for a connection without a request.
  public var patience = Duration.seconds(10)
  /// Time for a listener to take an update before it is let go.
  public var streamPatience = Duration.seconds(20)

  /// The limits by default.
  public init() {}
}
