import ArgumentParser
import Avro
import CommandSupport
import Kafka
import Landing
import Logging
import Storage
import Vitals

/// Which topic, from which brokers.
struct SourceOptions: ParsableArguments {
  @Option(help: "The brokers to ask first, as host:port,… \(Setting.bootstrapServers.help)")
  var bootstrapServers: String?

  @Option(help: "The topic to land. \(Setting.topic.help)")
  var topic: String?

  @Option(help: "The consumer group, for which progress is reported.")
  var groupId = "vitals-sink"

  @Option(help: "A name of this sink within its group, so that a restart keeps its partitions.")
  var instanceId: String?

  @Option(help: "An Avro schema of the records; by default the vitals schema that the product ships with.")
  var schema: String?

  @OptionGroup var messages: MessageOptions

  @Flag(help: "Land what the topic holds now, then end.")
  var untilEnd = false

  @Option(
    help: ArgumentHelp(
      "Where partitions begin of which nothing landed yet: the first record at or after this time.",
      valueName: "YYYY-MM-DDTHH:MM:SSZ"))
  var fromTimestamp: String?

  @Flag(help: "Land on where the broker dropped records that never landed; the loss is noted in the table's log.")
  var acceptGap = false

  @Flag(help: "The topic was deleted and created again: land the new one beside the old rows. Does nothing otherwise.")
  var newIncarnation = false

  @Option(help: "Records a second that are read at most. (default: as many as come)")
  var rateLimit: Int?

  func validate() throws {
    if let rateLimit, rateLimit < 1 { throw ValidationError("--rate-limit is 1 or more") }
  }

  /// Sets what these options say of reading.
  func apply(to configuration: inout SinkConfiguration, _ settings: Settings) throws(CommandError) {
    configuration.format = try messages.format(tableSchema: try schemaText(), settings)
    configuration.growsSchema = !messages.fixedSchema
    configuration.untilEnd = untilEnd
    configuration.fromMillis = try fromMillis()
    configuration.acceptsGap = acceptGap
    configuration.newIncarnation = newIncarnation
    configuration.recordsPerSecond = rateLimit
  }

  /// The time of `--from-timestamp` in milliseconds since 1970-01-01 UTC.
  func fromMillis() throws(CommandError) -> Int64? {
    try fromTimestamp.map { text throws(CommandError) in try CommandText.instant(text, option: "--from-timestamp") }
  }

  @Option(name: .customShort("X"), help: "A property of librdkafka, as name=value; may be repeated.")
  var properties: [String] = []

  /// The columns of the table.
  func layout(_ partitioning: TableLayout.Partitioning) throws(CommandError) -> TableLayout {
    let text = try schemaText()
    do throws(SchemaError) {
      return TableLayout(record: try RecordSchema.parse(avro: text), partitioning: partitioning)
    } catch {
      throw CommandError("\(schema ?? "vitals"): \(error)", exit: .usage)
    }
  }

  private func schemaText() throws(CommandError) -> [UInt8] {
    guard let schema else { return Array(VitalsSchema.avro.utf8) }
    return try SmallFile.read(schema)
  }

  /// The consumer, which joins the group when the sink begins.
  func consumer(_ settings: Settings, prefetchBytes: Int?) throws(CommandError) -> KafkaConsumer {
    let log = Logger(label: "librdkafka")
    var configuration = KafkaConfiguration(
      bootstrapServers: settings.string(flag: bootstrapServers, .bootstrapServers), clientID: "vitals-sink")
    configuration.logHandler = { _, facility, message in
      log.debug("\(message)", metadata: ["facility": "\(facility)"])
    }
    var byHand = try NameValue.pairs(properties, option: "-X")
    let prefetch = "queued.max.messages.kbytes"
    if let prefetchBytes, byHand[prefetch] == nil { byHand[prefetch] = String(max(1, prefetchBytes >> 10)) }
    do throws(KafkaError) {
      configuration.extra = try KafkaSecurity.properties(byHand: byHand) { settings.string($0) }
      return try KafkaConsumer(configuration: configuration, groupID: groupId, instanceID: instanceId)
    } catch {
      throw CommandError("\(error)", exit: .usage)
    }
  }
}

/// The table, its dead letters, and the spool.
struct TargetOptions: ParsableArguments {
  @Option(help: "The table: a directory or webhdfs:// URL. (HDFS_URL + HDFS_DIR)")
  var table: String?

  @Option(help: "The dead-letter table. (default: the table's name with _dead_letters)")
  var deadLetter: String?

  @Option(help: "Where batches go while HDFS does not answer. (default: data/vitals_data/<topic>)")
  var spool: String?

  @Flag(help: "Wait for the table instead of spooling; a table in a local directory has no spool unless one is named.")
  var noSpool = false

  @Option(help: "Seconds that the table may fail before batches go to the spool.")
  var outageSeconds = 10

  @Option(help: "By what files are put into folders: date, or date,hour; in UTC, by the event's time.")
  var partitionBy = FolderChoice.date

  @Option(help: "Bytes that the spool leaves free on its disk; without room the sink pauses and drops nothing.")
  var spoolReserve: Int64 = 64 << 20

  @Option(help: "Bytes that the spool may hold. (default: as many as the disk has)")
  var spoolLimit: Int64?

  func validate() throws {
    guard (0...86_400).contains(outageSeconds) else { throw ValidationError("--outage-seconds is from 0 to 86400") }
    guard spoolReserve >= 0, spoolLimit ?? 1 > 0 else {
      throw ValidationError("--spool-reserve is 0 or more, and --spool-limit above 0")
    }
    if noSpool, spool != nil { throw ValidationError("--spool and --no-spool exclude each other") }
  }

  /// The stores of the table.
  func table(_ settings: Settings) throws(CommandError) -> TableStores {
    let rows = try location(settings)
    let letters =
      if let deadLetter { try parsed(deadLetter) } else { try rows.sibling(suffix: TableStores.deadLetterSuffix) }
    return TableStores(rows: try rows.fileStore(settings), deadLetters: try letters.fileStore(settings))
  }

  /// The spool, where one is wanted.
  func spool(_ settings: Settings, topic: String) throws(CommandError) -> SpoolPlace? {
    let rows = try location(settings)
    if noSpool { return nil }
    if case .local = rows, spool == nil { return nil }
    var place = SpoolPlace.local(spool ?? SpoolPlace.defaultDirectory(topic: topic))
    place.limits.reserve = spoolReserve
    place.limits.size = spoolLimit
    return place
  }

  private func location(_ settings: Settings) throws(CommandError) -> Location {
    guard let table else { return try .defaultTable(settings) }
    return try parsed(table)
  }

  private func parsed(_ text: String) throws(CommandError) -> Location { try Location(parsing: text) }
}

/// When a batch is flushed.
struct RotationOptions: ParsableArguments {
  @Option(help: "Flush at this many records. \(Setting.batchSize.help)")
  var batchSize: Int?

  @Option(help: "Flush when the oldest record is this old, in seconds. \(Setting.flushSeconds.help)")
  var flushSeconds: Double?

  @Option(help: "Flush at this many bytes of messages.")
  var flushBytes = 64 << 20

  @Option(
    help: """
      Bytes of memory that the sink may take: a sixth for each of the records gathered, under way and encoded, which \
      lowers --flush-bytes, a twelfth for what is fetched ahead, and the rest for the process itself and for what \
      comes home from the spool. (default: by --flush-bytes alone)
      """)
  var memoryLimit: Int?

  @Option(help: "Files that are open at once; beyond it the one that was left the longest time ago is closed early.")
  var maxOpenFiles = 256

  func validate() throws {
    guard (1 << 16...1 << 31).contains(flushBytes) else {
      throw ValidationError("--flush-bytes is from 65536 to 2147483648")
    }
    guard (1 << 26...1 << 40).contains(memoryLimit ?? 1 << 26) else {
      throw ValidationError("--memory-limit is from 67108864 to 1099511627776")
    }
    guard (1...100_000).contains(maxOpenFiles) else { throw ValidationError("--max-open-files is from 1 to 100000") }
  }

  /// Bytes that each of so many topics may fetch ahead; `nil` for the library's own limit.
  func prefetchBytes(topics: Int) -> Int? { memoryLimit.map { $0 / 12 / topics } }

  /// The limits that a batch is held to.
  func rotation(_ settings: Settings) throws(CommandError) -> Rotation {
    var rotation = Rotation()
    rotation.rows = try settings.batchSize(flag: batchSize)
    rotation.age = .seconds(try settings.flushSeconds(flag: flushSeconds))
    rotation.bytes = min(flushBytes, memoryLimit.map { $0 / 6 } ?? flushBytes)
    rotation.buffers = maxOpenFiles
    return rotation
  }
}

/// By what files are put into folders.
enum FolderChoice: String, CaseIterable, ExpressibleByArgument {
  case date
  case dateAndHour = "date,hour"

  var partitioning: TableLayout.Partitioning { self == .date ? .date : .dateAndHour }
}

/// What the sink tells of itself.
struct TelemetryOptions: ParsableArguments {
  @Option(help: "The port that serves /metrics for Prometheus, /healthz and /readyz; 0 takes any free one and logs it.")
  var metricsPort: UInt16?
}
