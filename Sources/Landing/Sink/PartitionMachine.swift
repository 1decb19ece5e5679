/// What a sink does with one Kafka partition, as logs and metrics show it.
public enum PartitionMode: String, Hashable, Sendable, CaseIterable {
  /// Batches go to the table.
  case normal
  /// The table does not answer: batches go to the spool.
  case spooling
  /// The table answers again: the spool is being brought home, and batches go to the spool until it is empty.
  case draining
  /// Nothing is read for the moment: landing is behind, the spool has no room, or the schema registry is away.
  case paused
  /// Another sink lands this partition; this one has let go of it.
  case fenced
  /// Landing on would lose or repeat records; a person has to decide.
  case stopped
}

/// The states of one Kafka partition in a sink, and what follows from what happens to it. Pure.
///
///             outage              table answers          spool empty
///     normal ────────▶ spooling ───────────────▶ draining ───────────▶ normal
///        │                 ▲────────────────────────┘ not yet
///        │ lost to another writer: read on behind it; the third time in a row: fenced
///        │ a gap, a topic that was made again: stopped
///     any but fenced and stopped: paused and back, as memory and the spool's disk have room
struct PartitionMachine: Hashable, Sendable {
  /// Where batches go.
  enum Place: String, Hashable, Sendable { case table, spool, draining }

  /// Why nothing is read.
  enum Hold: String, Hashable, Sendable {
    /// The batch before is not landed yet, and the next one is full.
    case behind = "landing is behind"
    /// The disk of the spool has no room.
    case spoolFull = "the spool is full"
    /// The schema registry does not answer, and the next records cannot be read without it.
    case schemaAway = "the schema registry is away"
  }

  /// How it ended.
  enum End: Hashable, Sendable {
    case fenced(String)
    case stopped(String)

    var reason: String {
      switch self {
      case .fenced(let reason), .stopped(let reason): reason
      }
    }
  }

  enum Event: Hashable, Sendable {
    /// Batches go here now.
    case place(Place)
    /// A range of this sink is in its place.
    case landed
    /// Another writer landed some of a range first; the table ends at the watermark.
    case lost(watermark: Int64)
    /// Another writer landed exactly the range that was to be landed; what was gathered since goes on from there.
    case forestalled
    /// Landing on would lose or repeat records.
    case refused(String)
    case held(Hold)
    case released
  }

  enum Action: Hashable, Sendable {
    case none
    /// Drop what is gathered and read again from here.
    case readFrom(Int64)
    case pause
    case resume
    /// Drop what is gathered and let go of the partition.
    case leave(String)
  }

  /// After as many lost flushes in a row the partition is left to the writer that wins.
  static let lossesUntilFenced = 3

  private(set) var place = Place.table
  private(set) var hold: Hold?
  private(set) var losses = 0
  private(set) var end: End?

  /// Whether records of the partition are read or will be again.
  var isLive: Bool { end == nil }

  var mode: PartitionMode {
    switch (end, hold, place) {
    case (.fenced, _, _): .fenced
    case (.stopped, _, _): .stopped
    case (nil, .some, _): .paused
    case (nil, nil, .table): .normal
    case (nil, nil, .spool): .spooling
    case (nil, nil, .draining): .draining
    }
  }

  /// Takes an event in; what is to be done about it. A partition that has ended stays as it is.
  mutating func on(_ event: Event) -> Action {
    guard end == nil else { return .none }
    switch event {
    case .place(let place):
      self.place = place
      return .none
    case .landed:
      losses = 0
      return .none
    case .lost, .forestalled:
      losses += 1
      guard losses >= Self.lossesUntilFenced else {
        if case .lost(let watermark) = event { return .readFrom(watermark) }
        return .none
      }
      let reason = "fenced: another sink lands this partition (\(losses) lost commits in a row)"
      end = .fenced(reason)
      return .leave(reason)
    case .refused(let reason):
      end = .stopped(reason)
      return .leave(reason)
    case .held(let hold):
      defer { self.hold = hold }
      return self.hold == nil ? .pause : .none
    case .released:
      defer { hold = nil }
      return hold == nil ? .none : .resume
    }
  }
}
