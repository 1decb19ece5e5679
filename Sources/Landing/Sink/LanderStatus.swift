import Synchronization

/// What the lander is at, for the consumer's thread to see between two polls without waiting for it.
final class LanderStatus: Sendable {
  private struct State {
    var place = PartitionMachine.Place.table
    var isSpoolFull = false
    var inDoubt: String?
    var spooled: (files: Int, bytes: Int64) = (0, 0)
  }

  private let state = Mutex(State())

  /// Where batches go.
  var place: PartitionMachine.Place {
    get { state.withLock { $0.place } }
    set { state.withLock { $0.place = newValue } }
  }

  /// Notes how a drain stands, unless batches go to the table by now.
  func noteDrain(_ place: PartitionMachine.Place) {
    state.withLock { if $0.place != .table { $0.place = place } }
  }

  /// Whether the spool's disk has no room.
  var isSpoolFull: Bool {
    get { state.withLock { $0.isSpoolFull } }
    set { state.withLock { $0.isSpoolFull = newValue } }
  }

  /// The token of a commit of which nobody knows whether it happened; `nil` when there is none.
  var inDoubt: String? {
    get { state.withLock { $0.inDoubt } }
    set { state.withLock { $0.inDoubt = newValue } }
  }

  /// Files and bytes that wait in the spool.
  var spooled: (files: Int, bytes: Int64) {
    get { state.withLock { $0.spooled } }
    set { state.withLock { $0.spooled = newValue } }
  }
}
