import Landing

extension SinkReport {
  /// What the sink did, in one line.
  var summary: String {
    var parts = ["landed \(rows) rows in \(files) files and \(batches) batches"]
    if spooledRows > 0 { parts.append("\(spooledRows) of them went by the spool") }
    if deadLetters > 0 {
      let causes = reasons.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
      parts.append("\(deadLetters) dead letters (\(causes.joined(separator: ", ")))")
    }
    return "vitals-sink: " + parts.joined(separator: "; ")
  }
}
