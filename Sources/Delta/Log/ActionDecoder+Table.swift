import JSON

/// The actions that come rarely: what the table is, and who changed it.
extension ActionDecoder {
  func metadata(_ scanner: inout JSONScanner) throws(JSONError) -> TableMetadata {
    var metadata = TableMetadata(id: "", schemaString: "", partitionColumns: [], createdTime: nil)
    var hasSchema = false
    try scanner.openObject()
    var count = 0
    while let key = try scanner.nextKey(&count) {
      if try scanner.takeNull() { continue }
      switch key {
      case "id": metadata.id = try scanner.string()
      case "name": metadata.name = try scanner.string()
      case "description": metadata.description = try scanner.string()
      case "format": metadata.format = try format(&scanner)
      case "schemaString":
        metadata.schemaString = try scanner.string()
        hasSchema = true
      case "partitionColumns": metadata.partitionColumns = try texts(&scanner)
      case "configuration": metadata.configuration = try settings(&scanner)
      case "createdTime": metadata.createdTime = try scanner.integer()
      default: try scanner.skip()
      }
    }
    guard hasSchema else { throw scanner.failure("a metaData without schemaString") }
    return metadata
  }

  private func format(_ scanner: inout JSONScanner) throws(JSONError) -> TableMetadata.Format {
    var format = TableMetadata.Format()
    try scanner.openObject()
    var count = 0
    while let key = try scanner.nextKey(&count) {
      if try scanner.takeNull() { continue }
      switch key {
      case "provider": format.provider = try scanner.string()
      case "options": format.options = try settings(&scanner)
      default: try scanner.skip()
      }
    }
    return format
  }

  func tableProtocol(_ scanner: inout JSONScanner) throws(JSONError) -> TableProtocol {
    var reader: Int64?
    var writer: Int64?
    var result = TableProtocol()
    try scanner.openObject()
    var count = 0
    while let key = try scanner.nextKey(&count) {
      if try scanner.takeNull() { continue }
      switch key {
      case "minReaderVersion": reader = try scanner.integer()
      case "minWriterVersion": writer = try scanner.integer()
      case "readerFeatures": result.readerFeatures = try texts(&scanner)
      case "writerFeatures": result.writerFeatures = try texts(&scanner)
      default: try scanner.skip()
      }
    }
    guard let reader = reader.flatMap(Int.init(exactly:)), let writer = writer.flatMap(Int.init(exactly:)) else {
      throw scanner.failure("a protocol without versions")
    }
    result.minReaderVersion = reader
    result.minWriterVersion = writer
    return result
  }

  func commitInfo(_ scanner: inout JSONScanner) throws(JSONError) -> CommitInfo {
    var info = CommitInfo(timestamp: nil, operation: nil, isBlindAppend: nil, engineInfo: nil, txnId: nil)
    try scanner.openObject()
    var count = 0
    while let key = try scanner.nextKey(&count) {
      if try scanner.takeNull() { continue }
      // Commit information is free in form: what does not look as it should is passed over.
      switch (key, scanner.next) {
      case ("timestamp", _): info.timestamp = try freeInteger(&scanner)
      case ("inCommitTimestamp", _): info.inCommitTimestamp = try freeInteger(&scanner)
      case ("operation", UInt8(ascii: "\"")): info.operation = try scanner.string()
      case ("operationParameters", UInt8(ascii: "{")): info.operationParameters = try details(&scanner)
      case ("isBlindAppend", UInt8(ascii: "t")), ("isBlindAppend", UInt8(ascii: "f")):
        info.isBlindAppend = try scanner.bool()
      case ("engineInfo", UInt8(ascii: "\"")): info.engineInfo = try scanner.string()
      case ("txnId", UInt8(ascii: "\"")): info.txnId = try scanner.string()
      default: try scanner.skip()
      }
    }
    return info
  }

  private func freeInteger(_ scanner: inout JSONScanner) throws(JSONError) -> Int64? {
    Int64(String(decoding: scanner.bytes[try scanner.skip()], as: UTF8.self).filter { !$0.isWhitespace })
  }

  private func details(_ scanner: inout JSONScanner) throws(JSONError) -> [String: String] {
    var result: [String: String] = [:]
    try scanner.openObject()
    var count = 0
    while let key = try scanner.nextKey(&count) {
      if scanner.next == UInt8(ascii: "\"") {
        result[key] = try scanner.string()
      } else {
        result[key] = String(decoding: scanner.bytes[try scanner.skip()], as: UTF8.self)
      }
    }
    return result
  }

  private func texts(_ scanner: inout JSONScanner) throws(JSONError) -> [String] {
    var result: [String] = []
    try scanner.openArray()
    var count = 0
    while try scanner.nextValue(&count) { result.append(try scanner.string()) }
    return result
  }

  private func settings(_ scanner: inout JSONScanner) throws(JSONError) -> [String: String] {
    var result: [String: String] = [:]
    try scanner.openObject()
    var count = 0
    while let key = try scanner.nextKey(&count) {
      if try scanner.takeNull() { continue }
      result[key] = try scanner.string()
    }
    return result
  }
}
