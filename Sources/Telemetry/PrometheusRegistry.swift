public import CoreMetrics
import Synchronization

/// Keeps the process's metrics in memory and writes them down in Prometheus's text format, version 0.0.4:
///
///     # TYPE vitals_sink_records_total counter
///     vitals_sink_records_total{topic="vitals"} 50000
///
/// Bootstrap swift-metrics with one of these. Gauges tell their last value; recorders that aggregate become
/// histograms of seconds.
public final class PrometheusRegistry: MetricsFactory {
  /// Upper bounds of a histogram's buckets, rising.
  private let bounds: [Double]

  /// One family's name and the text of its labels.
  struct Name: Hashable, Comparable, Sendable {
    var family: String
    var labels: String

    static func < (left: Name, right: Name) -> Bool { (left.family, left.labels) < (right.family, right.labels) }
  }

  private let state = Mutex<[Name: Series]>([:])

  /// Makes an empty registry.
  ///
  /// - Parameter bounds: upper bounds of a histogram's buckets, rising; by default those for work that touches disks.
  public init(bounds: [Double] = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]) { self.bounds = bounds }

  /// A counter, which shows under its label.
  public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
    series(label, dimensions, .counter)
  }

  /// A histogram where values are aggregated, else a gauge.
  public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
    series(label, dimensions, aggregate ? .histogram : .gauge)
  }

  /// A histogram of seconds.
  public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
    series(label, dimensions, .histogram)
  }

  /// Nothing: what was counted stays until the process ends.
  public func destroyCounter(_ handler: any CounterHandler) {}

  /// Nothing: the last value stays until the process ends.
  public func destroyRecorder(_ handler: any RecorderHandler) {}

  /// Nothing: what was measured stays until the process ends.
  public func destroyTimer(_ handler: any TimerHandler) {}

  /// Everything, sorted by name.
  public func text() -> String {
    let all = state.withLock { $0 }
    var text = ""
    var family = ""
    for name in all.keys.sorted() {
      guard let series = all[name] else { continue }
      if name.family != family {
        family = name.family
        text += "# TYPE \(family) \(series.kind.rawValue)\n"
      }
      text += series.lines(name)
    }
    return text
  }

  private func series(_ label: String, _ dimensions: [(String, String)], _ kind: Series.Kind) -> Series {
    let labels = dimensions.map { "\($0.0)=\"\(Self.escaped($0.1))\"" }.joined(separator: ",")
    let name = Name(family: label, labels: labels)
    return state.withLock { all in
      if let present = all[name] { return present }
      let made = Series(kind: kind, bounds: bounds)
      all[name] = made
      return made
    }
  }

  /// A label's value as the format wants it.
  static func escaped(_ value: String) -> String {
    var text = ""
    for character in value {
      switch character {
      case "\\": text += "\\\\"
      case "\"": text += "\\\""
      case "\n": text += "\\n"
      default: text.append(character)
      }
    }
    return text
  }
}

/// One metric with one set of labels.
final class Series: CounterHandler, RecorderHandler, TimerHandler {
  enum Kind: String, Sendable { case counter, gauge, histogram }

  private struct State {
    var value = 0.0
    var count = 0
    var buckets: [Int]
  }

  let kind: Kind
  private let bounds: [Double]
  private let state: Mutex<State>

  init(kind: Kind, bounds: [Double]) {
    self.kind = kind
    self.bounds = bounds
    state = Mutex(State(buckets: [Int](repeating: 0, count: bounds.count)))
  }

  func increment(by amount: Int64) { state.withLock { $0.value += Double(amount) } }
  func reset() { state.withLock { $0.value = 0 } }
  func record(_ value: Int64) { record(Double(value)) }
  func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }

  func record(_ value: Double) {
    state.withLock { state in
      guard kind == .histogram else {
        state.value = value
        return
      }
      state.value += value
      state.count += 1
      for (index, bound) in bounds.enumerated() where value <= bound { state.buckets[index] += 1 }
    }
  }

  /// The lines of this metric.
  func lines(_ name: PrometheusRegistry.Name) -> String {
    let state = state.withLock { $0 }
    func line(_ suffix: String, _ extra: String, _ value: String) -> String {
      let labels = [name.labels, extra].filter { !$0.isEmpty }.joined(separator: ",")
      return name.family + suffix + (labels.isEmpty ? "" : "{\(labels)}") + " \(value)\n"
    }
    guard kind == .histogram else { return line("", "", Self.number(state.value)) }
    var text = ""
    for (bound, count) in zip(bounds, state.buckets) {
      text += line("_bucket", "le=\"\(Self.number(bound))\"", String(count))
    }
    text += line("_bucket", "le=\"+Inf\"", String(state.count))
    return text + line("_sum", "", Self.number(state.value)) + line("_count", "", String(state.count))
  }

  private static func number(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : "\(value)"
  }
}
