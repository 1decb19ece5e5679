/// The names in a table's log folder (Delta protocol, "File Types" and "Checkpoint Naming Scheme"):
///
///     00000000000000000010.json                                              the entry of version 10
///     00000000000000000010.checkpoint.parquet                                a checkpoint in one file
///     00000000000000000010.checkpoint.0000000001.0000000002.parquet          its first of two parts
///     00000000000000000010.checkpoint.80a083e8-7026-4e79-81be-64bd76c43a11.json    of the V2 kind
///     _last_checkpoint                                                       where to begin
enum LogFileName: Hashable {
  case entry(version: Int64)
  case checkpoint(version: Int64)
  case checkpointPart(version: Int64, part: Int, of: Int)
  case checkpointV2(version: Int64)

  /// The folder of the log, relative to the table's root.
  static let folder = "_delta_log"
  /// The pointer to the newest checkpoint.
  static let pointer = folder + "/_last_checkpoint"
  /// The highest version that is taken for one; sums of versions stay far from overflow.
  static let versionLimit: Int64 = 1 << 60
  /// How many parts a checkpoint may have.
  static let partLimit = 10_000

  /// What a file name stands for; `nil` for all other names.
  init?(_ name: some StringProtocol) {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count >= 2, let version = Self.number(parts[0], width: 20), version <= Self.versionLimit else {
      return nil
    }
    switch (parts.count, parts.last) {
    case (2, "json"): self = .entry(version: version)
    case (3, "parquet") where parts[1] == "checkpoint": self = .checkpoint(version: version)
    case (4, "parquet"), (4, "json"):
      guard parts[1] == "checkpoint" else { return nil }
      self = .checkpointV2(version: version)
    case (5, "parquet"):
      guard parts[1] == "checkpoint", let part = Self.number(parts[2], width: 10),
        let total = Self.number(parts[3], width: 10), total <= Self.partLimit, part >= 1, part <= total
      else { return nil }
      self = .checkpointPart(version: version, part: Int(part), of: Int(total))
    default: return nil
    }
  }

  private static func number(_ digits: some StringProtocol, width: Int) -> Int64? {
    guard digits.utf8.count == width, digits.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }) else { return nil }
    return Int64(digits)
  }

  /// A number with zeros before it.
  static func digits(_ number: Int64, width: Int = 20) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}

/// A classic checkpoint: its version, and in how many files it lies.
struct CheckpointName: Hashable, Sendable {
  var version: Int64
  /// `nil` for the form in one file.
  var parts: Int?

  /// The files, relative to the table's root.
  var paths: [String] {
    let base = "\(LogFileName.folder)/\(LogFileName.digits(version)).checkpoint"
    guard let parts else { return ["\(base).parquet"] }
    return (1...max(1, parts)).map { part in
      "\(base).\(LogFileName.digits(Int64(part), width: 10)).\(LogFileName.digits(Int64(parts), width: 10)).parquet"
    }
  }
}
