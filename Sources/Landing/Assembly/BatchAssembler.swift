import Avro
import Columnar
import Vitals

/// What one Kafka partition has gathered since the last flush: the range `[start, next)` of consumer positions.
///
/// Gaps inside are normal (compacted topics, transaction markers), so the range and not the rows says what was seen.
struct PartitionBatch: Sendable {
  let partition: Int32
  let start: Int64
  var next: Int64
  var buffers: [RowBuffer] = []
  /// Files that were closed early, because too many buffers were open; their range is that of the batch.
  var finished: [DataFile] = []
  var deadLetters: [DeadLetter] = []
}

/// Everything gathered since the last flush.
struct LandingBatch: Sendable {
  var partitions: [PartitionBatch]
  var rowCount: Int
  var byteCount: Int
  /// Offsets that were lost to retention and are passed over by an operator's leave.
  var acceptedGaps: [OffsetRange] = []
  /// The columns of the rows; files that were closed before the schema grew have fewer.
  var layout: TableLayout

  var deadLetterCount: Int { partitions.reduce(0) { $0 + $1.deadLetters.count } }
}

/// How far from the clock an event time may lie before the record is a dead letter: one wrong clock would otherwise
/// make a folder for every day it dreams of.
public struct EventTimeWindow: Hashable, Sendable {
  /// Milliseconds ahead of the clock.
  public var aheadMillis: Int64 = 3_600_000
  /// Milliseconds behind the clock.
  public var backMillis: Int64 = 2 * 366 * 86_400_000

  /// The defaults: an hour ahead, two years back.
  public init() {}
}

/// Gathers the records of all owned Kafka partitions into rows by folder, and the bad ones as dead letters.
struct BatchAssembler: ~Copyable {
  private(set) var layout: TableLayout
  private let window: EventTimeWindow
  private let bucketMillis: Int64
  private var parser: RecordParser
  /// What the open partitions have gathered.
  private var batches: [PartitionBatch] = []
  /// The place of a partition in `batches` by its number, -1 where it is not open: every record looks it up.
  private var places: [Int] = []
  /// For each of `batches` the buffer that the last row went to.
  private var recents: [Int] = []
  private(set) var rowCount = 0
  private(set) var deadLetterCount = 0
  private(set) var byteCount = 0
  /// How many row buffers are open: one for each pair of Kafka partition and folder.
  private(set) var bufferCount = 0
  /// Counts how often rows began to go to another buffer, to tell the one that was left the longest time ago.
  private var turn = 0

  init(layout: TableLayout, window: EventTimeWindow = EventTimeWindow()) {
    self.layout = layout
    self.window = window
    bucketMillis = layout.bucketMillis
    parser = RecordParser(schema: layout.record)
  }

  /// Reads messages of this format from now on; JSON before.
  mutating func read(_ format: MessageFormat) throws(AvroMismatch) {
    switch format {
    case .json: parser.form = .json
    case .avro(let writer): parser.form = .avro(try AvroPlan(writer: writer, reader: layout.record))
    case .confluent: parser.form = .confluent
    }
  }

  /// The number of the schema that is needed to read a message, where that is not known yet.
  @inline(__always)
  func schemaToLearn(_ payload: UnsafeRawBufferPointer?) -> UInt32? {
    guard case .confluent = parser.form, let payload = unsafe payload else { return nil }
    return unsafe ConfluentHeader.schemaID(payload).flatMap { parser.avro.writers.knows($0) ? nil : $0 }
  }

  /// Takes in how messages of a writer's schema are read, or why they are not.
  mutating func learn(_ id: UInt32, _ schema: WriterSchema) { parser.avro.writers.add(id, schema) }

  /// Goes over to a record with more fields at its end. No buffer may be open.
  mutating func grow(to record: RecordSchema) {
    precondition(bufferCount == 0, "rows of the fewer fields are still open")
    layout = TableLayout(record: record, partitioning: layout.partitioning)
    let (form, avro) = (parser.form, parser.avro)
    parser = RecordParser(schema: record)
    parser.form = form
    parser.avro = avro
  }

  /// Whether not even a position was passed since the last flush.
  var isEmpty: Bool { batches.isEmpty }

  /// Makes room for a partition whose records will come, at the position where its range begins.
  mutating func open(partition: Int32, at position: Int64) {
    let number = Int(partition)
    if number < places.count, places[number] >= 0 { return }
    setPlace(batches.count, of: partition)
    recents.append(0)
    batches.append(PartitionBatch(partition: partition, start: position, next: position))
  }

  private mutating func setPlace(_ place: Int, of partition: Int32) {
    let number = Int(partition)
    if number >= places.count { places += Array(repeating: -1, count: number + 1 - places.count) }
    places[number] = place
  }

  /// Takes in the value of one record of an open partition; `nil`, or why it is a dead letter, which the caller adds.
  mutating func append(
    _ payload: UnsafeRawBufferPointer?, partition: Int32, offset: Int64, timestampMillis: Int64?, nowMillis: Int64
  ) -> Rejection? {
    guard let payload = unsafe payload else { return .tombstone }
    if let rejection = unsafe parser.parse(payload) { return rejection }
    let bucket: Int32?
    do throws(Rejection) {
      bucket = try eventBucket(timestampMillis: timestampMillis, nowMillis: nowMillis)
    } catch {
      return error
    }
    let place = places[Int(partition)]
    let slot = bufferIndex(bucket: bucket, place: place)
    unsafe batches[place].buffers[slot].append(
      parser, payload: payload, offset: offset, timestampMillis: timestampMillis)
    batches[place].next = offset &+ 1
    rowCount &+= 1
    byteCount &+= RowBuffer.cost(of: payload.count)
    return nil
  }

  /// Adds a bad record of an open partition; its offset advances with the batch like any other.
  mutating func append(_ letter: DeadLetter, partition: Int32) {
    let place = places[Int(partition)]
    batches[place].deadLetters.append(letter)
    batches[place].next = letter.offset &+ 1
    deadLetterCount += 1
    byteCount += letter.byteCount
  }

  /// Notes that an open partition holds nothing below `offset` any more, as at its end behind transaction markers.
  mutating func advance(partition: Int32, to offset: Int64) {
    batches[places[Int(partition)]].next = offset
  }

  /// Hands out all that was gathered and begins anew.
  mutating func take() -> LandingBatch {
    let batch = LandingBatch(
      partitions: batches.filter { $0.next > $0.start }.sorted { $0.partition < $1.partition }, rowCount: rowCount,
      byteCount: byteCount, layout: layout)
    batches = []
    places = []
    recents = []
    rowCount = 0
    deadLetterCount = 0
    byteCount = 0
    bufferCount = 0
    return batch
  }

  /// Forgets what was gathered of one partition, because it will be read again from elsewhere.
  mutating func drop(partition: Int32) {
    guard places.indices.contains(Int(partition)), places[Int(partition)] >= 0 else { return }
    let gone = batches.remove(at: places[Int(partition)])
    recents.remove(at: places[Int(partition)])
    places = []
    for (place, batch) in batches.enumerated() { setPlace(place, of: batch.partition) }
    rowCount -= gone.buffers.reduce(0) { $0 + $1.count } + gone.finished.reduce(0) { $0 + $1.rowCount }
    deadLetterCount -= gone.deadLetters.count
    byteCount -= gone.buffers.reduce(0) { $0 + $1.byteCount } + gone.finished.reduce(0) { $0 + $1.bytes.count }
    byteCount -= gone.deadLetters.reduce(0) { $0 + $1.byteCount }
    bufferCount -= gone.buffers.count
  }

  /// Ends the buffer to which rows came the longest time ago: its rows become a file that waits for the flush, and
  /// takes a fraction of the memory.
  mutating func closeLeastRecent(
    _ encode: (RowBuffer, _ partition: Int32) throws(LandingError) -> DataFile
  ) throws(LandingError) {
    var oldest: (place: Int, slot: Int, turn: Int)?
    for (place, batch) in batches.enumerated() {
      for (slot, buffer) in batch.buffers.enumerated() where buffer.lastTurn < oldest?.turn ?? .max {
        oldest = (place, slot, buffer.lastTurn)
      }
    }
    guard let oldest else { return }
    let buffer = batches[oldest.place].buffers.remove(at: oldest.slot)
    let file = try encode(buffer, batches[oldest.place].partition)
    batches[oldest.place].finished.append(file)
    byteCount += file.bytes.count - buffer.byteCount
    bufferCount -= 1
  }

  /// The folder of the record's event time, or of its Kafka time where it has none.
  private func eventBucket(timestampMillis: Int64?, nowMillis: Int64) throws(Rejection) -> Int32? {
    let field = layout.record.eventTimeField.flatMap { parser.slots[$0].state == .value ? $0 : nil }
    guard let millis = field == nil ? timestampMillis : parser.eventMillis else { return nil }
    // Written as limits on the value: a sum with a number from outside could overflow.
    if millis > nowMillis + window.aheadMillis { throw .inTheFuture(name(field)) }
    if millis < nowMillis - window.backMillis { throw .inThePast(name(field)) }
    return Int32(clamping: millis.flooredQuotient(bucketMillis))
  }

  private func name(_ field: Int?) -> String { field.map { layout.record.fields[$0].name } ?? "_kafka_timestamp" }

  @inline(__always)
  private mutating func bufferIndex(bucket: Int32?, place: Int) -> Int {
    // Nearly always the folder of the record before.
    let recent = recents[place]
    if recent < batches[place].buffers.count, batches[place].buffers[recent].bucket == bucket { return recent }
    return otherBufferIndex(bucket: bucket, place: place)
  }

  private mutating func otherBufferIndex(bucket: Int32?, place: Int) -> Int {
    let index: Int
    if let present = batches[place].buffers.firstIndex(where: { $0.bucket == bucket }) {
      index = present
    } else {
      index = batches[place].buffers.count
      bufferCount += 1
      batches[place].buffers.append(RowBuffer(bucket: bucket, layout: layout))
    }
    turn += 1
    batches[place].buffers[index].lastTurn = turn
    recents[place] = index
    return index
  }
}
