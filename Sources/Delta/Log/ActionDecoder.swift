import JSON

/// Reads actions from JSON. Keys that we do not know are passed over, as the protocol asks.
struct ActionDecoder {
  /// Whether any file had a deletion vector: without it, rows would come back that were deleted.
  private(set) var hasDeletionVectors = false
  /// Partition values by their JSON text: the files of a partition share one map.
  private var partitions: [String: [String: String?]] = [:]
  /// Names of tags: the files of a writer share them.
  private var names: [String: String] = [:]

  /// How many texts are remembered at most.
  private static let cacheLimit = 10_000

  /// One line.
  mutating func line(_ scanner: inout JSONScanner, into actions: inout [Action]) throws(JSONError) {
    try scanner.openObject()
    var count = 0
    while let key = try scanner.nextKey(&count) {
      if try scanner.takeNull() { continue }
      switch key {
      case "add": actions.append(.add(try add(&scanner)))
      case "remove": actions.append(.remove(try remove(&scanner)))
      case "txn": actions.append(.transaction(try transaction(&scanner)))
      case "metaData": actions.append(.metadata(try metadata(&scanner)))
      case "protocol": actions.append(.tableProtocol(try tableProtocol(&scanner)))
      case "commitInfo": actions.append(.commitInfo(try commitInfo(&scanner)))
      default: try scanner.skip()
      }
    }
    guard scanner.isAtEnd else { throw scanner.failure("something follows the action") }
  }

  private mutating func add(_ scanner: inout JSONScanner) throws(JSONError) -> AddFile {
    var path: String?
    var values: [String: String?]?
    var size: Int64?
    var modificationTime: Int64?
    var dataChange: Bool?
    var stats: String?
    var tags: [String: String?]?
    try scanner.openObject()
    var count = 0
    while let key = try scanner.nextKey(&count) {
      if try scanner.takeNull() { continue }
      switch key {
      case "path": path = try scanner.string()
      case "partitionValues": values = try partitionValues(&scanner)
      case "size": size = try scanner.integer()
      case "modificationTime": modificationTime = try scanner.integer()
      case "dataChange": dataChange = try scanner.bool()
      case "stats": stats = try scanner.string()
      case "tags": tags = try map(&scanner)
      case "deletionVector":
        hasDeletionVectors = true
        try scanner.skip()
      default: try scanner.skip()
      }
    }
    guard let path, let values, let size, size >= 0, let modificationTime, let dataChange else {
      throw scanner.failure("an add without path, partitionValues, size, modificationTime or dataChange")
    }
    return AddFile(
      path: path, partitionValues: values, size: size, modificationTime: modificationTime, dataChange: dataChange,
      stats: stats, tags: tags)
  }

  private mutating func remove(_ scanner: inout JSONScanner) throws(JSONError) -> RemoveFile {
    var path: String?
    var remove = RemoveFile(path: "", deletionTimestamp: nil)
    try scanner.openObject()
    var count = 0
    while let key = try scanner.nextKey(&count) {
      if try scanner.takeNull() { continue }
      switch key {
      case "path": path = try scanner.string()
      case "deletionTimestamp": remove.deletionTimestamp = try scanner.integer()
      case "dataChange": remove.dataChange = try scanner.bool()
      case "extendedFileMetadata": remove.extendedFileMetadata = try scanner.bool()
      case "partitionValues": remove.partitionValues = try partitionValues(&scanner)
      case "size": remove.size = try scanner.integer()
      case "deletionVector":
        hasDeletionVectors = true
        try scanner.skip()
      default: try scanner.skip()
      }
    }
    guard let path else { throw scanner.failure("a remove without path") }
    remove.path = path
    return remove
  }

  private func transaction(_ scanner: inout JSONScanner) throws(JSONError) -> Transaction {
    var appId: String?
    var version: Int64?
    var lastUpdated: Int64?
    try scanner.openObject()
    var count = 0
    while let key = try scanner.nextKey(&count) {
      if try scanner.takeNull() { continue }
      switch key {
      case "appId": appId = try scanner.string()
      case "version": version = try scanner.integer()
      case "lastUpdated": lastUpdated = try scanner.integer()
      default: try scanner.skip()
      }
    }
    guard let appId, let version else { throw scanner.failure("a txn without appId or version") }
    return Transaction(appId: appId, version: version, lastUpdated: lastUpdated)
  }

  // MARK: Parts

  private mutating func partitionValues(_ scanner: inout JSONScanner) throws(JSONError) -> [String: String?] {
    var ahead = scanner
    let text = String(decoding: scanner.bytes[try ahead.skip()], as: UTF8.self)
    if let known = partitions[text] {
      scanner = ahead
      return known
    }
    let values = try map(&scanner)
    if partitions.count < Self.cacheLimit { partitions[text] = values }
    return values
  }

  private mutating func map(_ scanner: inout JSONScanner) throws(JSONError) -> [String: String?] {
    var result: [String: String?] = [:]
    try scanner.openObject()
    var count = 0
    while let key = try scanner.nextKey(&count) {
      let name = names[key] ?? key
      if names.count < Self.cacheLimit { names[name] = name }
      result.updateValue(try scanner.takeNull() ? nil : try scanner.string(), forKey: name)
    }
    return result
  }
}
