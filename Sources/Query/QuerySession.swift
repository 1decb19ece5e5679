public import Columnar
internal import Synchronization

/// What is known of a result before its first row.
public struct QueryResult: Sendable {
  /// The columns of the result.
  public var schema: Schema
  /// How many rows there were.
  public var rowCount = 0
  /// Bytes read of the tables' files.
  public var bytesRead: Int64 = 0
  /// The most bytes that the query kept between batches.
  public var peakMemory = 0
}

/// Runs SQL over the tables of a catalog, and keeps views between statements.
///
/// ```swift
/// let session = QuerySession(catalog: catalog)
/// try await session.run("select count(*) from 'vitals.parquet'") { batch in … }
/// ```
public final class QuerySession: Sendable {
  private let catalog: any TableCatalog
  private let options: QueryOptions
  let views: Mutex<[String: QuerySyntax]> = Mutex([:])
  /// The columns of all tables met so far.
  let names: Mutex<Set<String>> = Mutex([])
  /// Microseconds since 1970.
  private let clock: @Sendable () -> Int64

  /// Makes a session.
  ///
  /// - Parameter clock: microseconds since 1970, for `now()`.
  public init(
    catalog: any TableCatalog, options: QueryOptions = QueryOptions(), clock: @escaping @Sendable () -> Int64 = { 0 }
  ) {
    self.catalog = catalog
    self.options = options
    self.clock = clock
  }

  /// Runs a statement.
  ///
  /// - Parameters:
  ///   - started: takes the columns before the first batch.
  ///   - body: takes the rows, batch after batch, in order.
  /// - Returns: what was done.
  /// - Throws: ``QueryError``, or what the catalog or a file throws.
  @discardableResult
  public nonisolated(nonsending) func run(
    _ sql: String, started: (Schema) async throws -> Void = { _ in }, _ body: (RecordBatch) async throws -> Void
  ) async throws -> QueryResult {
    do {
      return try await run(try Parser.statement(sql), started, body)
    } catch let error as QueryError where error.code == .limit && Task.isCancelled {
      throw CancellationError()
    }
  }

  private nonisolated(nonsending) func run(
    _ statement: StatementSyntax, _ started: (Schema) async throws -> Void, _ body: (RecordBatch) async throws -> Void
  ) async throws -> QueryResult {
    switch statement {
    case .query(let query): return try await run(query, started, body)
    case .explain(let inner, let analyze): return try await explain(inner, analyze: analyze, started, body)
    case .describe(let query):
      let bound = try await bind(query)
      return try await give(Describing.batch(bound), started, body)
    case .createView(let name, let query, let replace):
      _ = try await bind(query)
      let exists = views.withLock { $0[name.text.lowercased()] != nil }
      if exists, !replace {
        throw QueryError(.binding, "there is a view \"\(name.text)\" – write CREATE OR REPLACE VIEW", at: name.range)
      }
      views.withLock { $0[name.text.lowercased()] = query }
      return QueryResult(schema: Schema([]))
    case .dropView(let name, let ifExists):
      let old = views.withLock { $0.removeValue(forKey: name.text.lowercased()) }
      if old == nil, !ifExists { throw QueryError(.binding, "there is no view \"\(name.text)\"", at: name.range) }
      return QueryResult(schema: Schema([]))
    case .summarize(let query): return try await summarize(query, started, body)
    case .copy(let query, let location, let options, let range):
      return try await copy(query, to: try CopyTarget(location, options, range), started, body)
    }
  }

  /// Binds a query; the tables it names are fetched as it meets them.
  func bind(_ query: QuerySyntax) async throws -> BoundQuery {
    var tables: [Binder.TableKey: BoundTable] = [:]
    let now = clock()
    while true {
      var binder = Binder(tables: tables, views: views.withLock { $0 }, now: now)
      do throws(QueryError) {
        return try binder.bind(query)
      } catch {
        guard let (key, range) = binder.missing, tables.count < 256 else { throw error }
        let table = try await table(key, range)
        tables[key] = table
        names.withLock { $0.formUnion(table.columns.prefix(1_000).map(\.name)) }
      }
    }
  }

  private func table(_ key: Binder.TableKey, _ range: Range<Int>) async throws -> BoundTable {
    var source: TableSource
    do {
      source = try await catalog.table(at: key.location)
      for other in key.others {
        let more = try await catalog.table(at: other)
        guard source.schema == nil, more.schema == nil else {
          throw QueryError(.notSupported, "a Delta table in a list of files")
        }
        source.files += more.files
      }
    } catch let error as QueryError {
      throw QueryError(error.code, error.message, at: range)
    }
    if let csv = key.csv { return try await BoundTable.bind(csv: source, name: key.location, csv) }
    if !key.readsPartitions { for index in source.files.indices { source.files[index].partitions = [] } }
    return try await BoundTable.bind(source, name: key.location, unionsByName: key.unionsByName)
  }

  private nonisolated(nonsending) func run(
    _ query: QuerySyntax, _ started: (Schema) async throws -> Void, _ body: (RecordBatch) async throws -> Void
  ) async throws -> QueryResult {
    let bound = try await bind(query)
    let executor = Executor(options)
    let plan = try await Subqueries.filled(bound, executor)
    let schema = Schema(zip(bound.names, plan.types).map { Field($0, $1.dataType) })
    try await started(schema)
    var result = QueryResult(schema: schema)
    try await executor.stream(try await executor.pipeline(Optimizer.optimized(plan))) { batch in
      let columns = zip(batch.columns, schema.fields).map { $0.expanded(to: batch.count).column($1.type) }
      result.rowCount += batch.count
      try await body(RecordBatch(schema: schema, columns: columns, rowCount: batch.count))
      return true
    }
    result.bytesRead = plan.tables.reduce(0) { $0 + $1.files.bytesRead }
    result.peakMemory = executor.memory.peak
    return result
  }

  private nonisolated(nonsending) func explain(
    _ statement: StatementSyntax, analyze: Bool, _ started: (Schema) async throws -> Void,
    _ body: (RecordBatch) async throws -> Void
  ) async throws -> QueryResult {
    guard case .query(let query) = statement else { throw QueryError(.notSupported, "EXPLAIN of this statement") }
    let bound = try await bind(query)
    var lines = PlanText.lines(Optimizer.optimized(bound.plan))
    if analyze {
      let start = ContinuousClock.now
      let result = try await run(query, { _ in }, { _ in })
      let seconds = (ContinuousClock.now - start) / .seconds(1)
      lines.append("rows: \(result.rowCount)")
      lines.append("seconds: \((seconds * 1_000).rounded() / 1_000)")
      lines.append("bytes read: \(result.bytesRead)")
      lines.append("peak memory: \(result.peakMemory)")
    }
    return try await give(Describing.batch(of: lines, named: "plan"), started, body)
  }

  private nonisolated(nonsending) func summarize(
    _ query: QuerySyntax, _ started: (Schema) async throws -> Void, _ body: (RecordBatch) async throws -> Void
  ) async throws -> QueryResult {
    let bound = try await bind(query)
    let executor = Executor(options)
    let plan = try await Subqueries.filled(bound, executor)
    let rows = try await executor.batches(Optimizer.optimized(try Summarizing.plan(plan)))
    let values = rows.first.map { batch in batch.columns.map { $0.value(at: 0) } } ?? []
    return try await give(Summarizing.batch(bound.names, plan.types, values), started, body)
  }

  private nonisolated(nonsending) func copy(
    _ query: QuerySyntax, to target: CopyTarget, _ started: (Schema) async throws -> Void,
    _ body: (RecordBatch) async throws -> Void
  ) async throws -> QueryResult {
    var writer: CopyWriter?
    do {
      _ = try await run(query) { schema in
        writer = try await CopyWriter(target, schema, catalog)
      } _: { batch in
        try await writer?.write(batch)
      }
      try await writer?.finish()
    } catch {
      await writer?.discard()
      throw error
    }
    let count = Column(type: .int(bits: 64), values: .int64([writer?.rowCount ?? 0]))
    return try await give(
      RecordBatch(schema: Schema([Field("count", .int(bits: 64))]), columns: [count]), started, body)
  }

  private nonisolated(nonsending) func give(
    _ batch: RecordBatch, _ started: (Schema) async throws -> Void, _ body: (RecordBatch) async throws -> Void
  ) async throws -> QueryResult {
    try await started(batch.schema)
    try await body(batch)
    var result = QueryResult(schema: batch.schema)
    result.rowCount = batch.rowCount
    return result
  }
}
