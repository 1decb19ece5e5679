import JSON

/// The pointer to the newest checkpoint (Delta protocol, "Last Checkpoint File"):
///
///     {"version":100,"size":2031}
///
/// It only saves a look at the whole log. One that is missing, torn or wrong costs time, never data.
struct LastCheckpoint: Hashable, Sendable {
  var name: CheckpointName
  /// How many actions the checkpoint holds.
  var size: Int64

  /// The most bytes that are read; pointers of others may hold a schema.
  static let sizeLimit = 8 << 20

  /// The pointer's file.
  var bytes: [UInt8] {
    var text = JSONText()
    text.open()
    text.member("version", name.version)
    text.member("size", size)
    text.member("parts", name.parts)
    text.close()
    return text.bytes
  }

  init(name: CheckpointName, size: Int64) {
    self.name = name
    self.size = size
  }

  /// Reads a pointer; `nil` where it is torn, or points at a checkpoint of the V2 kind.
  init?(_ bytes: [UInt8]) {
    guard let document = try? JSONValue(parsing: bytes), let version = document["version"]?.integer,
      (0...LogFileName.versionLimit).contains(version), document["v2Checkpoint"] ?? .null == .null
    else { return nil }
    let parts = document["parts"]?.integer
    if let parts, !(1...Int64(LogFileName.partLimit)).contains(parts) { return nil }
    name = CheckpointName(version: version, parts: parts.map { Int($0) })
    size = document["size"]?.integer ?? 0
  }
}
