internal import Columnar
internal import Delta
internal import Logging
public import Serving
internal import ServiceLifecycle
public import Storage

/// What was said of whom, kept as a Delta table of one row a prediction. Opt-in, since it holds what is known of
/// patients.
///
/// A prediction is answered once its row waits here; rows are landed every few seconds and when the server ends. While
/// the table cannot be written they wait, and once too many do, nothing is predicted any more: what cannot be accounted
/// for is not said. Where nobody knows whether a landing succeeded it is repeated: a row may then be there twice, and
/// its request tells.
public actor AuditTrail {
  /// One prediction.
  struct Entry: Sendable {
    /// Microseconds since 1970-01-01 UTC.
    var time: Int64
    var route: String
    var said: Said
  }

  /// Rows that wait at most.
  static let limit = 100_000
  /// The columns of the table, but for the day by which it is partitioned.
  static let schema = Schema([
    Field("time", .timestamp(unit: .microseconds, isAdjustedToUTC: true)), Field("request", .string),
    Field("route", .string), Field("model", .string), Field("model_version", .string), Field("record", .string),
    Field("probability", .double), Field("risk_level", .string),
  ])

  private let store: any FileStore
  private let engine: String
  private var table: DeltaTable?
  private var waiting: [Entry] = []

  /// Keeps a trail in the table at the root of a store, which is made where there is none.
  public init(store: any FileStore, engine: String) {
    self.store = store
    self.engine = engine
  }

  /// Opens the table, so that a place that cannot be written is known before anybody asks.
  ///
  /// - Throws: ``ServingError`` that says what to do.
  public func open() async throws(ServingError) {
    do {
      table = try await DeltaTable.openOrCreate(
        store: store, schema: Schema(Self.schema.fields + [Field("date", .date)]), partitionColumns: ["date"],
        engine: engine)
    } catch {
      throw ServingError("the audit trail cannot be written: \(error)")
    }
  }

  /// Takes what was said of the patients of one request.
  ///
  /// - Throws: ``Refusal`` where too much waits already.
  func note(_ said: [Said], route: String) throws(Refusal) {
    guard waiting.count + said.count <= Self.limit else { throw Refusal(.auditBehind) }
    let now = WallClock.milliseconds() * 1_000
    waiting += said.map { Entry(time: now, route: route, said: $0) }
  }

  /// Lands what waits; what could not be landed waits on.
  func flush() async throws {
    guard !waiting.isEmpty else { return }
    if table == nil { try await open() }
    guard var table else { return }
    let entries = waiting
    waiting = []
    var left = entries[...]
    do {
      // The rows of a day share a folder, so that what is too old can be dropped as a whole.
      while let first = left.first {
        let day = Self.day(first)
        let rows = left.prefix { Self.day($0) == day }
        try await table.append(
          Self.batch(Array(rows)), partition: ["date": CivilDate(daysSinceEpoch: day).description], engine: engine)
        left = left.dropFirst(rows.count)
      }
      self.table = table
    } catch {
      self.table = nil
      waiting = Array(left) + waiting
      throw error
    }
  }

  private static func day(_ entry: Entry) -> Int { Int(entry.time / 86_400_000_000) }

  private static func batch(_ entries: [Entry]) -> RecordBatch {
    let time = Column(type: schema.fields[0].type, values: .int64(entries.map(\.time)))
    return RecordBatch(
      schema: schema,
      columns: [
        time, Column(strings: entries.map(\.said.request)), Column(strings: entries.map(\.route)),
        Column(strings: entries.map(\.said.model)), Column(strings: entries.map(\.said.version)),
        Column(strings: entries.map(\.said.record)), Column(doubles: entries.map(\.said.probability)),
        Column(strings: entries.map(\.said.level)),
      ])
  }
}

/// What was said of one patient.
struct Said: Hashable, Sendable {
  /// Names the request in which it was said; in its answer it is the header request-id.
  var request: String
  var model: String
  var version: String
  /// What was known of the patient, as JSON.
  var record: String
  var probability: Double
  var level: String
}

/// Lands what waits, every few seconds and at the end.
struct AuditService: Service {
  let trail: AuditTrail
  let log: Logger
  /// How long a row waits.
  var interval = Duration.seconds(5)

  func run() async throws {
    try? await cancelWhenGracefulShutdown {
      while true {
        try await Task.sleep(for: interval)
        await flush()
      }
    }
    // The server has answered all by now: services end in the reverse of the order in which they began.
    await flush()
  }

  private func flush() async {
    do {
      try await trail.flush()
    } catch {
      log.error("the audit trail cannot be written; its rows wait", metadata: ["error": "\(error)"])
    }
  }
}
