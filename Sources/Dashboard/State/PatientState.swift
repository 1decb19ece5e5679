internal import Features

/// What the dashboard knows of one patient; bounded, however long the patient is watched.
struct PatientState: Sendable {
  /// How the hospital calls the patient.
  let id: String
  /// What stands for the patient in addresses and logs.
  let key: String
  /// The newest readings in the order of time.
  private(set) var readings: [Observation] = []
  /// Minutes with readings in their order.
  private(set) var minutes: [MinuteSummary] = []
  /// What was known after each of the last batches, for the small lines of a tile.
  private(set) var sparks: [CurrentVitals] = []
  /// What holds now: of each vital the newest value that is not too old.
  private(set) var current = CurrentVitals()
  /// When each vital was last measured, by ``Vital``; `nil` for never.
  private(set) var lastMeasured: [Int64?] = [Int64?](repeating: nil, count: Vital.allCases.count)
  /// When the newest reading came to the dashboard, in milliseconds since 1970-01-01 UTC by its own clock.
  private(set) var arrival: Int64 = 0
  /// By how many milliseconds the newest reading of the last batch claimed to be ahead of our clock; negative for
  /// readings that were taken before they came.
  private(set) var skew: Int64 = 0
  /// What a model of early warning looks back at; `nil` without a model.
  private(set) var recent: RecentReadings?
  /// What the model said now and then, in the order of time.
  private(set) var forecasts: [(time: Int64, probability: Float)] = []
  /// Whether nothing has come for too long.
  var isStale = false
  /// The ward's version at which anything of the patient changed last, and at which the patient was met.
  var version = 0, firstVersion = 0

  /// How many readings, minutes and points of small lines are kept.
  static let readingLimit = 300, minuteLimit = 720, sparkLimit = 30
  /// How long a value counts as known after it was measured: cuffs measure now and then.
  static let memoryMillis: Int64 = 15 * 60_000

  init(id: String, key: String) {
    self.id = id
    self.key = key
  }

  /// The early-warning score of what is known.
  var score: NEWS2 { NEWS2(current) }
  /// When the newest reading was taken; `nil` before the first.
  var newest: Int64? { readings.last?.time }

  /// Takes a batch in.
  ///
  /// - Parameters:
  ///   - arrival: when it came, in milliseconds since 1970-01-01 UTC by our clock.
  ///   - now: what our clock says.
  mutating func take(_ series: PatientSeries, arrival: Int64, now: Int64) {
    for index in 0..<series.count {
      let time = series.times[index]
      // What claims to be from the future came now: it must not pass for the newest until then.
      take(Observation(time: time > now + WardState.skewMillis ? now : time, series[index]))
    }
    endBatch(arrival: arrival, claimed: series.times.last ?? arrival, now: now)
  }

  /// Takes a reading in, wherever in time it stands; one that is there already takes its own place.
  private mutating func take(_ reading: Observation) {
    let place = insertionPlace(reading.time)
    if place > 0, readings[place - 1].time == reading.time {
      readings[place - 1] = reading
    } else if place == 0, readings.count >= Self.readingLimit {
      // Older than all that is kept: for the trend only.
    } else {
      readings.insert(reading, at: place)
    }
    // Cut now and then, rather than moved at every reading.
    if readings.count > Self.readingLimit * 5 / 4 { readings.removeFirst(readings.count - Self.readingLimit) }
    if reading.time >= newest ?? .min { know(reading) } else { learn(reading) }
    summarize(reading)
    recent?.take(CurrentVitals(reading), at: reading.time)
  }

  /// Keeps readings for a model that looks so far back, beginning with those that are there; or no longer.
  mutating func remember(windowMillis: Int64?) {
    forecasts = []
    guard let windowMillis else { return recent = nil }
    var memory = RecentReadings(windowMillis: windowMillis)
    let known = recent?.series ?? PatientSeries()
    for index in 0..<known.count { memory.take(known[index], at: known.times[index]) }
    if known.count == 0 { for reading in readings { memory.take(CurrentVitals(reading), at: reading.time) } }
    recent = memory
  }

  /// Notes what the model says at a time.
  mutating func note(_ forecast: EarlyWarningModel.Forecast, at time: Int64) {
    guard time > forecasts.last?.time ?? .min else { return }
    forecasts.append((time, Float(forecast.probability)))
    if forecasts.count > Self.minuteLimit + 60 { forecasts.removeFirst(forecasts.count - Self.minuteLimit) }
  }

  /// Ends a batch: what came in it arrived at this time, and its newest reading claims to be of that one.
  private mutating func endBatch(arrival time: Int64, claimed: Int64, now: Int64) {
    arrival = max(arrival, time)
    skew = claimed > now ? claimed - now : min(0, claimed - time)
    sparks.append(current)
    if sparks.count > Self.sparkLimit { sparks.removeFirst() }
  }

  private func insertionPlace(_ time: Int64) -> Int {
    var place = readings.count
    while place > 0, readings[place - 1].time > time { place -= 1 }
    return place
  }

  /// What is newest becomes what is known, and what is too old is forgotten.
  private mutating func know(_ reading: Observation) {
    let now = reading.time
    for vital in Vital.allCases {
      if !reading[vital].isNaN {
        current[vital] = reading[vital]
        lastMeasured[vital.rawValue] = now
      } else if let last = lastMeasured[vital.rawValue], last <= now - Self.memoryMillis {
        current[vital] = .nan
      }
    }
    if let isAlert = reading.isAlert { current.isAlert = isAlert }
    if let hasOxygen = reading.hasOxygen { current.hasOxygen = hasOxygen }
  }

  /// A reading that comes late says only what is not known better.
  private mutating func learn(_ reading: Observation) {
    for vital in Vital.allCases where !reading[vital].isNaN {
      guard reading.time > lastMeasured[vital.rawValue] ?? .min,
        reading.time > (newest ?? 0) - Self.memoryMillis
      else { continue }
      current[vital] = reading[vital]
      lastMeasured[vital.rawValue] = reading.time
    }
  }

  private mutating func summarize(_ reading: Observation) {
    let minute = reading.time.quotient(flooredBy: 60_000)
    var place = minutes.count
    while place > 0, minutes[place - 1].minute > minute { place -= 1 }
    if place == 0 || minutes[place - 1].minute != minute {
      if place == 0, minutes.count >= Self.minuteLimit { return }
      minutes.insert(MinuteSummary(minute: minute), at: place)
      place += 1
    }
    // Of a late reading the score is not known: what was known then is gone.
    let isNewest = reading.time == newest
    minutes[place - 1].take(reading, score: isNewest ? score : NEWS2(CurrentVitals()))
    if minutes.count > Self.minuteLimit + 60 { minutes.removeFirst(minutes.count - Self.minuteLimit) }
  }

  /// The vitals that were measured once and are not any more although readings come.
  func lostSensors(after millis: Int64) -> [Vital] {
    guard let newest else { return [] }
    return Vital.allCases.filter { vital in
      lastMeasured[vital.rawValue].map { newest - $0 > millis } ?? false
    }
  }
}

extension Int64 {
  /// The quotient rounded down, also below zero.
  func quotient(flooredBy divisor: Int64) -> Int64 {
    self / divisor - (self % divisor < 0 ? 1 : 0)
  }
}
