import ArgumentParser
import Columnar
import CommandSupport
import Delta
import Dispatch
import FoundationEssentials
import Kafka
import Parquet
import Storage

/// Which dead letters are sent again.
struct DeadLetterOptions: ParsableArguments {
  @Option(
    name: .customLong("replay-dead-letters"),
    help: ArgumentHelp(
      "Send the records of this dead-letter table again, as they came, instead of simulating: after the schema or the "
        + "limits were mended. Each sending makes new records.", valueName: "location"))
  var location: String?

  @Option(
    help: ArgumentHelp(
      "Of the dead letters only those of this reason, such as out-of-limits; may be repeated.", valueName: "code"))
  var reason: [String] = []
}

/// One record of a dead-letter table.
struct StoredLetter: Sendable, Equatable {
  var key: [UInt8]?
  var value: [UInt8]
  var headers: [(name: String, value: [UInt8]?)]
  /// Where it was read first: topic, incarnation, partition and offset.
  var origin: String

  static func == (left: StoredLetter, right: StoredLetter) -> Bool {
    left.key == right.key && left.value == right.value && left.origin == right.origin
      && left.headers.elementsEqual(right.headers) { $0.name == $1.name && $0.value == $1.value }
  }
}

/// Sends the records of a dead-letter table again.
struct DeadLetterReplay {
  /// The header that says of which dead letter a record is a repetition.
  static let originHeader = "vitals-replayed-from"

  let table: DeltaTable
  let reasons: Set<String>

  /// Opens the table of the options; `nil` where none is named.
  init?(_ options: DeadLetterOptions, _ settings: Settings) async throws {
    guard let location = options.location else { return nil }
    table = try await DeltaTable.open(store: try Location(parsing: location).fileStore(settings))
    reasons = Set(options.reason)
  }

  /// Sends all; says on standard error how many.
  func run(_ producer: KafkaProducer, topic: String) async throws {
    let queue = DispatchQueue(label: "vitals-producer.letters")
    var sent = 0
    var skipped = 0
    for file in table.snapshot.files {
      let (letters, left) = try await letters(in: file)
      skipped += left
      sent += letters.count
      try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
        queue.async { continuation.resume(with: Result { try Self.send(letters, producer, topic) }) }
      }
    }
    let isDone = await withCheckedContinuation { continuation in
      queue.async { continuation.resume(returning: producer.flush(timeoutMillis: 120_000)) }
    }
    let counts = producer.counts
    StandardError.print(
      "vitals-producer: sent \(sent) dead letters again, delivered \(counts.delivered), left out \(skipped)")
    guard isDone, counts.delivered == sent else {
      let cause = producer.firstFailure.map { ": \($0.error)" } ?? ""
      throw CommandError(
        "\(sent - counts.delivered) of \(sent) messages were not delivered\(cause)", exit: .unavailable)
    }
  }

  private static func send(_ letters: [StoredLetter], _ producer: KafkaProducer, _ topic: String) throws {
    for letter in letters {
      let origin = (name: originHeader, value: Optional(Array(letter.origin.utf8)))
      try producer.send(
        topic: topic, key: letter.key, value: letter.value, headers: letter.headers + [origin])
    }
  }

  /// The letters of a file that are to be sent, and how many are left out: those of other reasons, and tombstones,
  /// which no change of a schema makes a record.
  func letters(in file: AddFile) async throws -> (letters: [StoredLetter], leftOut: Int) {
    guard let path = PathText.decode(file.path) else {
      throw CommandError("\(table.store.root): the log names a file outside the table", exit: .dataError)
    }
    let parquet = try await ParquetFile.open(try await table.store.open(path))
    var letters: [StoredLetter] = []
    var leftOut = 0
    for rowGroup in parquet.metadata.rowGroups.indices {
      let batch = try await parquet.read(rowGroup: rowGroup)
      for row in 0..<batch.rowCount {
        if let letter = Self.letter(batch, row, reasons) { letters.append(letter) } else { leftOut += 1 }
      }
    }
    return (letters, leftOut)
  }

  private static func letter(_ batch: RecordBatch, _ row: Int, _ reasons: Set<String>) -> StoredLetter? {
    func bytes(_ name: String) -> [UInt8]? {
      if case .bytes(let bytes)? = batch.column(name)?.scalar(at: row) { bytes } else { nil }
    }
    func number(_ name: String) -> String {
      if case .int(let value)? = batch.column(name)?.scalar(at: row) { String(value) } else { "?" }
    }
    let code = bytes("error_code").map { String(decoding: $0, as: UTF8.self) } ?? ""
    guard reasons.isEmpty || reasons.contains(code), let value = bytes("value") else { return nil }
    let topic = bytes("_kafka_topic").map { String(decoding: $0, as: UTF8.self) } ?? "?"
    return StoredLetter(
      key: bytes("key"), value: value, headers: headers(bytes("headers")),
      origin: "\(topic)@\(number("_kafka_incarnation"))/\(number("_kafka_partition"))/\(number("_kafka_offset"))")
  }

  private struct Header: Decodable {
    var name: String
    var value: String?
  }

  /// The headers as they were, without a note of an earlier repetition.
  static func headers(_ json: [UInt8]?) -> [(name: String, value: [UInt8]?)] {
    guard let json, let list = try? JSONDecoder().decode([Header].self, from: Data(json)) else { return [] }
    return list.filter { $0.name != originHeader }.map { header in
      (header.name, header.value.flatMap { Data(base64Encoded: $0) }.map { Array($0) })
    }
  }
}
