import Glibc
import Synchronization

/// Places in the code at which a test can make this process die, wait, or lose an answer, to show what recovery does.
///
/// Off, and free but for one load, unless the environment variable `VITALS_FAULT` names places when the process
/// starts:
///
///     VITALS_FAULT = fault { "," fault }
///     fault        = place ":" count [ ":" action ]
///     action       = "kill" | "lose" | "stop" | "stop-lose"
///
/// For example `hdfs.renamed.log:2:lose` lets the second rename in a table's log happen and then fails as if its
/// answer had not come. `kill`, the default, is SIGKILL; `stop` is SIGSTOP, after which whoever sends SIGCONT has
/// changed the world meanwhile. A fault happens once.
package enum FaultPoint {
  /// Whether any fault is planned in this process.
  package static let isArmed = !planned.withLock { $0.isEmpty }

  private static let planned = Mutex(faults(in: environment("VITALS_FAULT")))

  /// Passes a place; true when the caller is to behave as if the answer to what it just did were lost.
  @discardableResult
  package static func reach(_ place: StaticString) -> Bool {
    isArmed && pass("\(place)")
  }

  /// Passes a place that is told apart by the kind of file: `data`, `log`, `checkpoint` or `pointer`, with `letters-`
  /// before it in a table of dead letters.
  @discardableResult
  package static func reach(_ place: StaticString, file path: String) -> Bool {
    isArmed && pass("\(place).\(kind(of: path))")
  }

  /// What kind of a table's file a path names.
  static func kind(of path: String) -> String {
    let table = path.contains("_dead_letters/") ? "letters-" : ""
    guard path.contains("_delta_log/") else { return table + "data" }
    if path.hasSuffix("_last_checkpoint") { return table + "pointer" }
    return table + (path.contains(".checkpoint.") ? "checkpoint" : "log")
  }

  /// A planned fault.
  struct Fault: Equatable {
    var place: String
    /// How many passes are left until it happens; none after it did.
    var left: Int
    var action: Action
  }

  enum Action: String { case kill, lose, stop, stopLose = "stop-lose" }

  /// Reads the plan; what cannot be read is left out.
  static func faults(in text: String) -> [Fault] {
    text.split(separator: ",").compactMap { word in
      let parts = word.split(separator: ":", omittingEmptySubsequences: false)
      guard (2...3).contains(parts.count), let count = Int(parts[1]), count > 0,
        let action = Action(rawValue: parts.count == 3 ? String(parts[2]) : "kill")
      else { return nil }
      return Fault(place: String(parts[0]), left: count, action: action)
    }
  }

  /// Counts a pass of a place; the action of the fault that is due now.
  static func count(_ place: String, in faults: inout [Fault]) -> Action? {
    var due: Action?
    for index in faults.indices where faults[index].place == place && faults[index].left > 0 {
      faults[index].left -= 1
      if faults[index].left == 0 { due = faults[index].action }
    }
    return due
  }

  private static func pass(_ place: String) -> Bool {
    guard let action = planned.withLock({ count(place, in: &$0) }) else { return false }
    switch action {
    case .kill: kill(getpid(), SIGKILL)
    case .stop, .stopLose: kill(getpid(), SIGSTOP)
    case .lose: break
    }
    return action == .lose || action == .stopLose
  }

  private static func environment(_ name: String) -> String {
    guard let value = unsafe getenv(name) else { return "" }
    return unsafe String(cString: value)
  }
}
