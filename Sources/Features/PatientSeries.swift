public import Vitals

/// The readings of one patient in the order of time.
public struct PatientSeries: Sendable {
  /// Milliseconds since 1970-01-01 UTC.
  public internal(set) var times: [Int64] = []
  /// For each of ``Vital`` a value a reading; NaN where it is missing.
  var vitals = [[Float]](repeating: [], count: Vital.allCases.count)
  var states: [ReadingState] = []

  /// Times to which a horizon can be added: some 100,000 years either way.
  static let knownTimes = -(1 << 52)...Int64(1 << 52)

  /// A patient without readings.
  public init() {}

  /// The number of readings.
  public var count: Int { times.count }

  /// Adds a reading.
  ///
  /// - Precondition: it is not older than the last one, and its time is within 100,000 years.
  public mutating func append(_ reading: Reading) {
    let values = [
      reading.heartRate, reading.spo2, reading.systolicBP, reading.diastolicBP, reading.respiratoryRate,
      reading.temperature,
    ]
    append(
      reading.eventTimeMillis, values.map { $0.map { Float($0) } ?? .nan },
      ReadingState(isAlert: reading.consciousness.map { $0 == .alert }, hasOxygen: reading.supplementalOxygen))
  }

  /// What one reading says; NaN and `nil` where it says nothing.
  public subscript(index: Int) -> CurrentVitals {
    var said = CurrentVitals()
    for vital in Vital.allCases { said[vital] = vitals[vital.rawValue][index] }
    (said.isAlert, said.hasOxygen) = (states[index].isAlert, states[index].hasOxygen)
    return said
  }

  mutating func append(_ time: Int64, _ values: [Float], _ state: ReadingState) {
    precondition(times.last ?? time <= time && Self.knownTimes.contains(time), "readings in the order of time")
    times.append(time)
    for (vital, value) in values.enumerated() { vitals[vital].append(value) }
    states.append(state)
  }
}

/// What a reading says beside numbers, in one byte.
struct ReadingState: BitwiseCopyable, Hashable, Sendable {
  private var bits: UInt8

  init(isAlert: Bool?, hasOxygen: Bool?) {
    func code(_ flag: Bool?) -> UInt8 { flag.map { $0 ? 2 : 1 } ?? 0 }
    bits = code(isAlert) | code(hasOxygen) << 2
  }

  var isAlert: Bool? { bits & 3 == 0 ? nil : bits & 3 == 2 }
  var hasOxygen: Bool? { bits >> 2 == 0 ? nil : bits >> 2 == 2 }
}
