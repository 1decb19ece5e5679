public import Forest
import Vitals

/// What the last stretch of time says of a patient, as a row for a forest. Training and serving use this code alike; it
/// looks at nothing behind the moment it is asked about.
public struct WindowFeatures: Hashable, Sendable {
  /// How long the stretch is.
  public let windowMillis: Int64

  /// Takes a stretch of at least a second.
  public init(windowMillis: Int64) { self.windowMillis = min(max(windowMillis, 1_000), 1 << 50) }

  private static let statistics = [
    ("last", nil), ("mean", nil), ("slope", "per hour"), ("deviation", nil), ("min", nil), ("max", nil),
    ("minutes_since", "min"),
  ]

  /// The columns of a row.
  public static let columns: [TableSchema.Column] = {
    var columns = Vital.allCases.flatMap { vital in
      statistics.map { name, unit in
        let own = vital.field?.unit
        let shown = unit == "per hour" ? own.map { "\($0) per h" } : unit ?? own
        return TableSchema.Column(name: "\(vital.column)_\(name)", unit: shown)
      }
    }
    columns += ["not_alert", "oxygen", "news2", "news2_highest", "news2_parameters"].map {
      TableSchema.Column(name: $0)
    }
    return columns
  }()

  /// The place of the score among the columns.
  public static var scoreColumn: Int { columns.count - 3 }

  /// The row of a patient at the moment of a reading, which counts.
  ///
  /// - Precondition: `index` is that of a reading.
  public func row(_ series: PatientSeries, at index: Int) -> [Float] {
    let now = series.times[index]
    var first = index
    while first > 0, series.times[first - 1] > now - windowMillis { first -= 1 }
    var row: [Float] = []
    row.reserveCapacity(Self.columns.count)
    var current = CurrentVitals()
    for vital in Vital.allCases {
      let summary = Summary(series.vitals[vital.rawValue], series.times, first...index)
      current[vital] = summary.last
      row += summary.numbers
    }
    for reading in first...index {
      current.isAlert = series.states[reading].isAlert ?? current.isAlert
      current.hasOxygen = series.states[reading].hasOxygen ?? current.hasOxygen
    }
    let score = NEWS2(current)
    row.append(current.isAlert.map { $0 ? 0 : 1 } ?? .nan)
    row.append(current.hasOxygen.map { $0 ? 1 : 0 } ?? .nan)
    row += [Float(score.score), Float(score.highest), Float(score.parameters)]
    return row
  }
}

/// The numbers of one vital in a window; NaN where there is no value.
private struct Summary {
  var last = Float.nan
  var numbers: [Float]

  init(_ values: [Float], _ times: [Int64], _ range: ClosedRange<Int>) {
    let now = times[range.upperBound]
    // Hours before now, so that sums stay small.
    var (count, sum, squares) = (0.0, 0.0, 0.0)
    var (hours, hourSquares, products) = (0.0, 0.0, 0.0)
    var (low, high, since) = (Float.infinity, -Float.infinity, Double.nan)
    var origin = Float.nan
    for index in range where !values[index].isNaN {
      if origin.isNaN { origin = values[index] }
      let value = Double(values[index] - origin)
      let hour = Double(times[index] - now) / 3_600_000
      count += 1
      sum += value
      squares += value * value
      hours += hour
      hourSquares += hour * hour
      products += hour * value
      low = min(low, values[index])
      high = max(high, values[index])
      last = values[index]
      since = -hour * 60
    }
    guard count > 0 else {
      numbers = [Float](repeating: .nan, count: 7)
      return
    }
    let variance = max(0, squares / count - sum / count * (sum / count))
    let spread = hourSquares - hours * hours / count
    // The least-squares line; none through readings of one moment.
    let slope = spread > 1e-12 ? Float((products - hours * sum / count) / spread) : .nan
    let deviation = count > 1 ? Float(variance.squareRoot()) : .nan
    numbers = [last, origin + Float(sum / count), slope, deviation, low, high, Float(since)]
  }
}
