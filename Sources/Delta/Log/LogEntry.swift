import FoundationEssentials

/// A log entry is a text of lines, each a JSON object with one key that names the action:
///
///     {"txn":{"appId":"a","version":7}}
///     {"add":{"path":"date=2026-01-02/x.parquet","partitionValues":{"date":"2026-01-02"},"size":9,…}}
///
/// (Delta protocol, "Delta Log Entries".)
enum LogEntry {
  /// The most bytes that we read of one entry.
  static let sizeLimit = 256 << 20

  /// One line; the keys that we do not know are passed over, as the protocol asks.
  fileprivate struct Line: Codable {
    var `protocol`: TableProtocol?
    var metaData: TableMetadata?
    var add: AddFile?
    var remove: RemoveFile?
    var txn: Transaction?
    var commitInfo: CommitInfo?
  }

  /// The name of the entry of a version, relative to the table's root.
  static func path(_ version: Int64) -> String {
    let digits = String(version)
    return "_delta_log/" + String(repeating: "0", count: max(0, 20 - digits.count)) + digits + ".json"
  }

  /// The version that a file name in the log folder stands for, if it is an entry's.
  static func version(ofName name: some StringProtocol) -> Int64? {
    guard name.hasSuffix(".json") else { return nil }
    let digits = name.dropLast(5)
    guard digits.count == 20, digits.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }) else { return nil }
    return Int64(digits)
  }

  /// Actions as the bytes of an entry.
  static func encode(_ actions: [Action]) throws(DeltaError) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    var bytes: [UInt8] = []
    for action in actions {
      var line = Line()
      switch action {
      case .tableProtocol(let value): line.protocol = value
      case .metadata(let value): line.metaData = value
      case .add(let value): line.add = value
      case .remove(let value): line.remove = value
      case .transaction(let value): line.txn = value
      case .commitInfo(let value): line.commitInfo = value
      }
      do {
        bytes += try encoder.encode(line)
      } catch {
        throw DeltaError(.malformedLog, path: "_delta_log", message: "an action cannot be written as JSON")
      }
      bytes.append(UInt8(ascii: "\n"))
    }
    return bytes
  }

  /// The actions of an entry; `path` is for messages.
  static func decode(_ bytes: [UInt8], path: String) throws(DeltaError) -> [Action] {
    let decoder = JSONDecoder()
    var actions: [Action] = []
    for (index, text) in bytes.split(separator: UInt8(ascii: "\n")).enumerated() where !text.isBlank {
      let line: Line
      do {
        line = try decoder.decode(Line.self, from: Data(text))
      } catch {
        throw DeltaError(.malformedLog, path: path, message: "line \(index + 1) is no action of a Delta log")
      }
      actions.append(contentsOf: line.actions)
    }
    return actions
  }
}

extension LogEntry.Line {
  fileprivate var actions: [Action] {
    var actions: [Action] = []
    if let value = `protocol` { actions.append(.tableProtocol(value)) }
    if let value = metaData { actions.append(.metadata(value)) }
    if let value = add { actions.append(.add(value)) }
    if let value = remove { actions.append(.remove(value)) }
    if let value = txn { actions.append(.transaction(value)) }
    if let value = commitInfo { actions.append(.commitInfo(value)) }
    return actions
  }
}

extension ArraySlice<UInt8> {
  fileprivate var isBlank: Bool { allSatisfy { $0 == 32 || $0 == 13 || $0 == 9 } }
}
