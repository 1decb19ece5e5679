internal import Hummingbird
internal import NIOCore

/// What is known of a request beside itself: the connection that it came on.
struct DashboardContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  /// The connection.
  let channel: any Channel

  init(source: ApplicationRequestContextSource) {
    coreContext = .init(source: source)
    channel = source.channel
  }

  /// The address of the other side.
  var address: String { channel.remoteAddress?.ipAddress ?? "" }
}
