internal import Synchronization

/// How many requests are being answered; all copies of a responder share it.
package final class InFlight: Sendable {
  private let requests = Atomic(0)

  /// Starts from none.
  package init() {}

  /// How many there are now.
  package var count: Int { requests.load(ordering: .relaxed) }

  /// A request comes; how many there are with it.
  package func enter() -> Int { requests.wrappingAdd(1, ordering: .relaxed).newValue }

  /// A request has its answer.
  package func leave() { requests.wrappingSubtract(1, ordering: .relaxed) }
}
