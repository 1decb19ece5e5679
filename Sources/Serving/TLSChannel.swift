internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOSSL

/// Connections over TLS, each with the certificate of its time.
struct TLSChannel<Base: ServerChildChannel>: ServerChildChannel {
  let base: Base
  let certificate: ServerCertificate

  func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Base.Value> {
    channel.eventLoop.makeCompletedFuture {
      try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: certificate.context))
    }.flatMap {
      base.setup(channel: channel, logger: logger)
    }
  }

  func handle(value: Base.Value, logger: Logger) async { await base.handle(value: value, logger: logger) }
}
