import JSON

/// A log entry is a text of lines, each a JSON object with one key that names the action:
///
///     {"txn":{"appId":"a","version":7}}
///     {"add":{"path":"date=2026-01-02/x.parquet","partitionValues":{"date":"2026-01-02"},"size":9,…}}
///
/// (Delta protocol, "Delta Log Entries".)
enum LogEntry {
  /// The most bytes that we read of one entry.
  static let sizeLimit = 256 << 20

  /// The name of the entry of a version, relative to the table's root.
  static func path(_ version: Int64) -> String { LogFileName.folder + "/" + LogFileName.digits(version) + ".json" }

  /// Actions as the bytes of an entry.
  static func encode(_ actions: [Action]) -> [UInt8] {
    var text = JSONText()
    for action in actions {
      text.open()
      text.write(action)
      text.close()
      text.endLine()
    }
    return text.bytes
  }

  /// The actions of an entry; `path` is for messages.
  static func decode(_ bytes: [UInt8], path: String) throws(DeltaError) -> [Action] {
    var decoder = ActionDecoder()
    var actions: [Action] = []
    var start = 0
    var line = 0
    while start < bytes.count {
      line += 1
      let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
      do throws(JSONError) {
        var scanner = JSONScanner(bytes, in: start..<end)
        if !scanner.isAtEnd { try decoder.line(&scanner, into: &actions) }
      } catch {
        throw DeltaError(
          .malformedLog, path: path, message: "line \(line), byte \(error.position - start + 1): \(error.message)")
      }
      start = end + 1
    }
    if decoder.hasDeletionVectors {
      throw DeltaError(
        .notSupported, path: path, message: "a file has a deletion vector (deletionVectors), which is not implemented")
    }
    return actions
  }
}
