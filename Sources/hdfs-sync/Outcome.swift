/// The report of a run, as `--json` prints it.
struct Outcome: Sendable, Encodable {
  /// Files brought home.
  var files = 0
  /// Their bytes.
  var bytes: Int64 = 0
  /// Files of the table that hold them, where small ones were merged.
  var tableFiles = 0
  /// Files that were there already.
  var alreadyLanded = 0
  /// Files left where they are.
  var remaining = 0
  /// Their bytes, where they were counted.
  var remainingBytes: Int64?
  /// Why something was left alone.
  var stopped: [String] = []
  /// Whether nothing was changed.
  var dryRun = false
  /// The time it took.
  var seconds = 0.0

  var hadWork: Bool { files > 0 || alreadyLanded > 0 || !stopped.isEmpty }

  var text: String {
    if files == 0, alreadyLanded == 0, remaining == 0, stopped.isEmpty { return "nothing to do" }
    var parts: [String] = []
    if files > 0 {
      let merged = tableFiles > 0 && tableFiles != files ? ", now in \(tableFiles)" : ""
      parts.append("\(dryRun ? "would bring" : "brought") home \(files) files (\(bytes) bytes\(merged))")
    }
    if alreadyLanded > 0 { parts.append("\(alreadyLanded) were there already") }
    if remaining > 0 { parts.append("\(remaining) are left" + (remainingBytes.map { " (\($0) bytes)" } ?? "")) }
    return (parts + stopped).joined(separator: "; ")
  }

  static func seconds(_ duration: Duration) -> Double {
    Double(duration.components.seconds) + Double(duration.components.attoseconds / 1_000_000_000_000_000) / 1_000
  }
}
