import Kernels

/// A sensor that is on for long and off for short stretches.
struct Sensor {
  private var isOn = true
  private var nextChange: Int64
  private let on: (Double, Double)
  private let off: (Double, Double)

  /// - Parameters:
  ///   - on: how long the sensor stays on, in seconds, at least and at most.
  ///   - off: how long it stays off.
  init(start: Int64, on: (Double, Double), off: (Double, Double), _ random: inout SplitMix64) {
    self.on = on
    self.off = off
    nextChange = start + random.millis(0, on.1)
  }

  /// Whether the sensor measures at `time`; times must not go back.
  mutating func isOn(at time: Int64, _ random: inout SplitMix64) -> Bool {
    if time >= nextChange {
      isOn.toggle()
      let stretch = isOn ? on : off
      nextChange = time + random.millis(stretch.0, stretch.1)
    }
    return isOn
  }
}

/// A measurement that is taken now and then: the cuff, the nurse's round.
struct Round {
  private var next: Int64

  /// The first one is due at once.
  init(start: Int64) { next = start }

  /// Whether one is due; if so, the following one is set to about `seconds` later.
  mutating func isDue(at time: Int64, every seconds: Double, _ random: inout SplitMix64) -> Bool {
    guard time >= next else { return false }
    next = time + random.millis(seconds * 0.9, seconds * 1.1)
    return true
  }
}
