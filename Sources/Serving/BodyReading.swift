internal import HTTPTypes
package import Hummingbird
internal import NIOCore

/// Why the body of a request could not be had.
package enum BodyFailure: Error, Hashable {
  /// It is longer than this many bytes.
  case tooLarge(Int)
  /// It was not there after this many seconds.
  case tooSlow(Int)
  /// The client went away in the middle, after this many bytes.
  case endsEarly(Int)
}

extension Request {
  /// The whole body, if it is short enough and comes in time.
  package func wholeBody(limit: Int, patience: Duration) async throws(BodyFailure) -> [UInt8] {
    if let length = headers[.contentLength].flatMap({ Int($0) }), length > limit { throw .tooLarge(limit) }
    let deadline = ContinuousClock.now + patience
    var bytes: [UInt8] = []
    do {
      // A server closes a connection on which nothing comes for so long; what trickles is looked at here.
      for try await part in body {
        guard bytes.count + part.readableBytes <= limit else { throw BodyFailure.tooLarge(limit) }
        bytes.append(contentsOf: part.readableBytesView)
        guard ContinuousClock.now < deadline else { throw BodyFailure.tooSlow(Int(patience / .seconds(1))) }
      }
    } catch let failure as BodyFailure {
      throw failure
    } catch {
      throw .endsEarly(bytes.count)
    }
    return bytes
  }
}
