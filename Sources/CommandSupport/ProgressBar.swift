import Synchronization

/// What progress is counted in.
public enum ProgressUnit: Hashable, Sendable {
  /// Bytes of a transfer.
  case bytes
  /// Pieces of work, such as folds of a validation.
  case count

  func text(_ number: Int64) -> String {
    switch self {
    case .bytes: ByteText.text(number)
    case .count: "\(number)"
    }
  }
}

/// The progress of a transfer or of other work as one line of text. Pure, so that every case is a line in a table.
public struct ProgressLine: Hashable, Sendable {
  /// Bytes that have arrived, or pieces of work that are done.
  public var done: Int64
  /// How many in all; `nil` where nobody knows.
  public var total: Int64?
  /// What is counted.
  public var unit: ProgressUnit
  /// The time since the transfer began.
  public var elapsed: Duration

  /// Makes a line.
  public init(done: Int64, total: Int64?, unit: ProgressUnit = .bytes, elapsed: Duration) {
    self.done = done
    self.total = total
    self.unit = unit
    self.elapsed = elapsed
  }

  /// The line, at most `columns` characters long: a bar where there is room, bytes, rate, and the time left.
  public func text(columns: Int) -> String {
    let seconds = Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18
    let rate = seconds > 0 ? Double(done) / seconds : 0
    var parts = [unit.text(done)]
    if let total { parts[0] += " of \(unit.text(total))" }
    if seconds >= 0.5 {
      parts.append("\(unit.text(Int64(min(rate, 1e18))))/s")
      if let total, total > done, rate > 0 {
        parts.append("\(Self.time(min(Double(total - done) / rate, 1e9))) left")
      }
    }
    let facts = parts.joined(separator: "  ")
    guard let total, total > 0 else { return String(facts.prefix(columns)) }
    let share = min(max(Double(done) / Double(total), 0), 1)
    let percent = "\(Int(share * 100))%"
    let room = min(columns - facts.count - percent.count - 6, 30)
    guard room >= 5 else { return String("\(percent)  \(facts)".prefix(columns)) }
    let filled = Int(share * Double(room))
    let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: room - filled)
    return "[\(bar)] \(percent)  \(facts)"
  }

  /// Such as `59 s`, `3 min 05 s`, `2 h 10 min`.
  static func time(_ seconds: Double) -> String {
    let whole = Int(seconds.rounded(.up))
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    if whole < 60 { return "\(whole) s" }
    if whole < 3_600 { return "\(whole / 60) min \(two(whole % 60)) s" }
    return "\(whole / 3_600) h \(two(whole % 3_600 / 60)) min"
  }
}

/// Numbers of bytes as people read them.
public enum ByteText {
  /// Such as `999 B`, `1.5 kB`, `12 MB`: decimal units, two digits at least.
  public static func text(_ bytes: Int64) -> String {
    var (whole, tenths) = (bytes, Int64(0))
    for unit in ["B", "kB", "MB", "GB", "TB", "PB"] {
      if whole < 1_000 { return unit == "B" || whole >= 10 ? "\(whole) \(unit)" : "\(whole).\(tenths) \(unit)" }
      (whole, tenths) = (whole / 1_000, whole % 1_000 / 100)
    }
    return "\(whole) EB"
  }
}

/// Keeps a progress line on standard error up to date while a person watches, and is silent elsewhere.
public final class ProgressBar: Sendable {
  private let isShown: Bool
  private let start = ContinuousClock.now
  private let total: Int64?
  private let unit: ProgressUnit
  private let state = Mutex((done: Int64(0), drawn: ContinuousClock.Instant?.none))

  /// - Parameters:
  ///   - total: How many in all, where that is known.
  ///   - unit: What is counted.
  ///   - isShown: Whether a line is drawn; by default where standard error is a terminal.
  public init(total: Int64?, unit: ProgressUnit = .bytes, isShown: Bool = StandardError.isTerminal) {
    self.total = total
    self.unit = unit
    self.isShown = isShown
  }

  /// What has come since the last call.
  public func add(_ bytes: Int64) {
    guard isShown else { return }
    draw { $0 += bytes }
  }

  /// What has come in all.
  public func set(_ bytes: Int64) {
    guard isShown else { return }
    draw { $0 = bytes }
  }

  private func draw(_ change: (inout Int64) -> Void) {
    let now = ContinuousClock.now
    let done = state.withLock { (state) -> Int64? in
      change(&state.done)
      if let drawn = state.drawn, now - drawn < .milliseconds(100) { return nil }
      state.drawn = now
      return state.done
    }
    guard let done else { return }
    let line = ProgressLine(done: done, total: total, unit: unit, elapsed: now - start)
    StandardError.write(Array("\r\u{1B}[K\(line.text(columns: 78))".utf8))
  }

  /// Takes the line away.
  public func finish() {
    guard isShown, state.withLock({ $0.drawn != nil }) else { return }
    StandardError.write(Array("\r\u{1B}[K".utf8))
  }
}
