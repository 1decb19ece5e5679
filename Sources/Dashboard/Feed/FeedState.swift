/// How the pipeline stands, as the page's head shows it.
struct FeedState: Hashable, Sendable {
  /// What the table is at.
  enum Place: Hashable, Sendable {
    /// It was not looked at yet.
    case starting
    /// There is no table at the place yet.
    case noTable
    /// Older rows are being read.
    case catchingUp(files: Int)
    /// All that the log has is shown.
    case live
    /// The store does not answer; says what it is about, without an address of a patient.
    case away(String)
    /// The log cannot be read.
    case broken(String)
  }

  var place = Place.starting
  /// Milliseconds between the newest event and when it showed here; `nil` before the first.
  var lagMillis: Int64?
  /// When rows came last, by our clock.
  var lastNews: Int64?
  var spoolFiles = 0
  var spoolBytes: Int64 = 0
  var deadLetters: Int64 = 0
  /// Files that could not be read.
  var damagedFiles = 0
  /// Patients whose readings claim to be from the future.
  var clocksAhead = 0
  /// When the look at the log began that found the newest rows, by our clock.
  var seen: Int64?

  /// Whether the page shows what is, or only what was.
  var isLive: Bool { place == .live }

  /// A line for people.
  var words: String {
    switch place {
    case .starting: "Opening the table"
    case .noTable: "Waiting: there is no table yet"
    case .catchingUp(let files): "Reading older readings: \(files) files to go"
    case .live: liveWords
    case .away(let reason): "The table does not answer: \(reason)"
    case .broken(let reason): "The table cannot be read: \(reason)"
    }
  }

  private var liveWords: String {
    if clocksAhead > 0 {
      return "Live; a clock is ahead: readings of \(clocksAhead) \(clocksAhead == 1 ? "patient" : "patients") "
        + "claim to be from the future"
    }
    if isOld { return "Live; the newest readings were taken \(Page.seconds(lagMillis)) before they came" }
    if damagedFiles > 0 { return "Live; \(damagedFiles) \(damagedFiles == 1 ? "file" : "files") could not be read" }
    return "Live"
  }

  /// Whether what comes is long past: a clock is behind, or somebody catches up.
  private var isOld: Bool { lagMillis ?? 0 > FeedState.oldMillis }

  /// From which lag on readings count as old.
  static let oldMillis: Int64 = 10 * 60_000

  /// The class of its colour.
  var name: String {
    switch place {
    case .starting, .noTable, .catchingUp: "raised"
    case .live: damagedFiles > 0 || clocksAhead > 0 || isOld ? "raised" : "normal"
    case .away, .broken: "critical"
    }
  }
}
