public import Forest

/// Turns readings into examples of whether a patient deteriorates soon: whether NEWS2 reaches 7, or a vital turns
/// critical, within the horizon.
///
/// An example stands at a reading. Its row looks back, its target ahead, and neither looks at the other side. A patient
/// who is in that state already is no example, since nothing is left to foretell; nor is one whose readings end before
/// the horizon without a deterioration, since nobody knows what came of them.
public struct Deterioration: Hashable, Sendable {
  /// What a row says.
  public var features: WindowFeatures
  /// How far ahead the target looks.
  public var horizonMillis: Int64
  /// The least time between two examples of a patient.
  public var everyMillis: Int64

  /// Plans examples; without `everyMillis` they are a third of the horizon apart.
  public init(features: WindowFeatures, horizonMillis: Int64, everyMillis: Int64? = nil) {
    self.features = features
    self.horizonMillis = min(max(horizonMillis, 1_000), 1 << 50)
    self.everyMillis = min(max(everyMillis ?? self.horizonMillis / 3, 1), 1 << 50)
  }

  /// Examples as a table, with the patient of each as its group.
  public struct Examples: Sendable {
    /// The rows, targets and groups.
    public var table: LabelledTable
    /// The time of each row, in milliseconds since 1970-01-01 UTC.
    public var times: [Int64]
    /// NEWS2 at each row: what is in use without a model.
    public var score: [Float]
  }

  /// The readings at which examples stand, with their targets.
  public func moments(_ series: PatientSeries) -> [(index: Int, target: Double)] {
    let deteriorated = states(series)
    var next = [Int](repeating: -1, count: series.count)
    var seen = -1
    for index in series.times.indices.reversed() {
      next[index] = seen
      if deteriorated[index] { seen = index }
    }
    var moments: [(index: Int, target: Double)] = []
    var from = Int64.min
    for index in series.times.indices where !deteriorated[index] && series.times[index] >= from {
      let end = series.times[index] + horizonMillis
      let happens = next[index] >= 0 && series.times[next[index]] <= end
      guard happens || series.times[series.count - 1] >= end else { continue }
      moments.append((index, happens ? 1 : 0))
      from = series.times[index] + everyMillis
    }
    return moments
  }

  /// For each reading, whether the patient is in the state then; a value counts as long as the window of the rows.
  private func states(_ series: PatientSeries) -> [Bool] {
    var current = CurrentVitals()
    var known = [Int64](repeating: Int64.min, count: Vital.allCases.count + 2)
    let (alert, oxygen) = (known.count - 2, known.count - 1)
    return series.times.indices.map { index in
      let now = series.times[index]
      for vital in Vital.allCases {
        let value = series.vitals[vital.rawValue][index]
        if !value.isNaN {
          current[vital] = value
          known[vital.rawValue] = now
        } else if known[vital.rawValue] <= now - features.windowMillis {
          current[vital] = .nan
        }
      }
      if let isAlert = series.states[index].isAlert { (current.isAlert, known[alert]) = (isAlert, now) }
      if let hasOxygen = series.states[index].hasOxygen { (current.hasOxygen, known[oxygen]) = (hasOxygen, now) }
      if known[alert] <= now - features.windowMillis { current.isAlert = nil }
      if known[oxygen] <= now - features.windowMillis { current.hasOxygen = nil }
      return current.isDeteriorated
    }
  }

  /// The examples of all patients, at most about `limit`: where there would be more, they stand farther apart.
  ///
  /// - Parameter patientDone: is told of each patient that is done.
  public func examples(
    _ store: ReadingStore, limit: Int = 200_000, patientDone: () -> Void = {}
  ) -> Examples {
    var plan = self
    let patients = store.patients()
    var possible = 0
    for patient in 0..<patients.count {
      let series = store.series(of: patient, patients)
      guard let first = series.times.first, let last = series.times.last else { continue }
      possible += min(series.count, Int(clamping: (last &- first) / everyMillis) + 1)
    }
    plan.everyMillis *= Int64(max(1, (possible + limit - 1) / max(limit, 1)))
    var columns = [[Float]](repeating: [], count: WindowFeatures.columns.count)
    var (targets, groups, times) = ([Double](), [Int](), [Int64]())
    for patient in 0..<patients.count {
      let series = store.series(of: patient, patients)
      for moment in plan.moments(series) {
        for (column, value) in plan.features.row(series, at: moment.index).enumerated() {
          columns[column].append(value)
        }
        targets.append(moment.target)
        groups.append(patient)
        times.append(series.times[moment.index])
      }
      patientDone()
    }
    let table = LabelledTable(features: FeatureMatrix(columns: columns), targets: targets, groups: groups)
    return Examples(table: table, times: times, score: columns[WindowFeatures.scoreColumn])
  }
}
