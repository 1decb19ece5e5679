internal import Features

/// What one reading says, in 40 bytes: the dashboard keeps many of them.
struct Observation: Sendable {
  /// Milliseconds since 1970-01-01 UTC, by the clock of who measured.
  var time: Int64
  private var values: InlineArray<6, Float>
  var isAlert: Bool?
  var hasOxygen: Bool?

  init(time: Int64, _ said: CurrentVitals) {
    self.time = time
    values = InlineArray { Vital(rawValue: $0).map { said[$0] } ?? .nan }
    (isAlert, hasOxygen) = (said.isAlert, said.hasOxygen)
  }

  /// A vital; NaN where the reading does not have it.
  subscript(vital: Vital) -> Float { values[vital.rawValue] }
}

extension CurrentVitals {
  /// What a reading says, and nothing beside.
  init(_ reading: Observation) {
    self.init()
    for vital in Vital.allCases { self[vital] = reading[vital] }
    (isAlert, hasOxygen) = (reading.isAlert, reading.hasOxygen)
  }
}

/// What a minute of readings says: enough for a trend, in 64 bytes.
struct MinuteSummary: Sendable {
  /// Whole minutes since 1970-01-01 UTC.
  var minute: Int64
  private var lowest: InlineArray<6, Float>
  private var highest: InlineArray<6, Float>
  /// The highest early-warning score of the minute; negative where nothing that scores was known.
  var score: Int8

  init(minute: Int64) {
    self.minute = minute
    lowest = InlineArray(repeating: .nan)
    highest = InlineArray(repeating: .nan)
    score = -1
  }

  /// The range of a vital; `nil` where no reading of the minute had it.
  subscript(vital: Vital) -> ClosedRange<Float>? {
    let (low, high) = (lowest[vital.rawValue], highest[vital.rawValue])
    return low.isNaN ? nil : low...high
  }

  /// Takes a reading in; one that is taken twice changes nothing.
  mutating func take(_ reading: Observation, score: NEWS2) {
    for vital in Vital.allCases where !reading[vital].isNaN {
      let value = reading[vital]
      let place = vital.rawValue
      lowest[place] = lowest[place].isNaN ? value : min(lowest[place], value)
      highest[place] = highest[place].isNaN ? value : max(highest[place], value)
    }
    if score.parameters > 0 { self.score = max(self.score, Int8(clamping: score.score)) }
  }
}
