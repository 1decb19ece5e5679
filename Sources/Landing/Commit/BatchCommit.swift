import Delta
import Storage
import Synchronization

/// What is known of dead letters that are kept already, so that a crash between the two commits of a batch, and a
/// replay with other boundaries, repeats none.
///
/// What is kept counts for the table and the spool together: a batch whose dead letters reached the table before an
/// outage must not put them into the spool as well. The marks are each place's own.
struct DeadLetterLedger: Sendable {
  /// Offsets at or above the watermark whose dead letters are kept, by partition.
  var kept: [Int32: Set<Int64>] = [:]
  /// The dead-letter tables' own progress marks as last seen: another value means another writer.
  var marks: [LandingPlan.Place: [Int32: Int64]] = [:]

  /// The mark that a commit of a range's dead letters leaves: always a new one, so that every other writer sees that
  /// somebody was here.
  static func mark(after seen: Int64?, of range: OffsetRange) -> Int64 {
    max(range.next, seen.map { $0 + 1 } ?? 0)
  }
}

/// Commits one batch to a table or spool: dead letters first, then rows with the watermarks.
struct BatchCommit: Sendable {
  let batch: EncodedBatch
  let source: TopicSource
  let place: LandingPlan.Place
  let engine: String

  /// Runs the commit. Everything in it may be repeated after a failure that is retriable.
  func run(
    on tables: inout LandingTables, ledger: inout DeadLetterLedger
  ) async throws(LandingError) -> LandingReceipt {
    let letters = try await commitDeadLetters(to: &tables, ledger: &ledger)
    FaultPoint.reach(place == .table ? "table.letters-committed" : "spool.letters-committed")
    let now = WallClock.milliseconds()
    let added = try await Upload.all(batch.files.map { $0.upload(at: now) }, to: tables.rows.store)
    var adds: [Int32: [AddFile]] = [:]
    for (file, add) in zip(batch.files, added) { adds[file.range.partition, default: []].append(add) }

    FaultPoint.reach(place == .table ? "table.files-written" : "spool.files-written")
    let plan = LandingPlan(source: source, place: place, ranges: batch.ranges, adds: adds)
    let decision = batch.decision
    var request = CommitRequest(operation: "STREAMING UPDATE", engine: engine, token: batch.token) {
      [source] snapshot throws(DeltaError) in
      let made = plan.decide(snapshot.transactions, incarnation: snapshot.incarnation(of: source.topic), at: now)
      decision.value = made
      return made.actions.isEmpty ? nil : made.actions
    }
    if !batch.acceptedGaps.isEmpty {
      let gaps = batch.acceptedGaps.map { "\(source.topic)/\($0.partition): \($0.start) to \($0.next - 1)" }
      request.parameters = ["acceptedGaps": gaps.joined(separator: "; ")]
    }
    let version: Int64?
    do { version = try await tables.rows.commit(request) } catch { throw LandingError(error) }
    return receipt(decision.value, version: version, letters: letters)
  }

  private func receipt(_ decision: LandingPlan.Decision, version: Int64?, letters: Int) -> LandingReceipt {
    var receipt = LandingReceipt(
      isSpooled: place == .spool, version: version, verdicts: decision.verdicts, ranges: batch.ranges)
    receipt.deadLetters = letters
    for file in batch.files where decision.verdicts[file.range.partition] == .commit {
      receipt.rows += file.rowCount
      receipt.files += 1
      receipt.bytes += Int64(file.bytes.count)
    }
    return receipt
  }

  // MARK: Dead letters

  private func commitDeadLetters(
    to tables: inout LandingTables, ledger: inout DeadLetterLedger
  ) async throws(LandingError) -> Int {
    guard !batch.deadLetters.isEmpty else { return 0 }
    while true {
      var files: [DataFile] = []
      var ranges: [OffsetRange] = []
      for (range, letters) in batch.deadLetters {
        let fresh = letters.filter { ledger.kept[range.partition]?.contains($0.offset) != true }
        guard !fresh.isEmpty else { continue }
        ranges.append(range)
        let rows = DeadLetter.batch(fresh, source: source, partition: range.partition)
        files.append(try DataFile(rows, source: source, range: range, folder: .none, createdBy: engine))
      }
      guard !files.isEmpty else { return 0 }
      if try await commit(files, ranges, to: &tables, marks: ledger.marks[place] ?? [:]) {
        for range in ranges {
          let mark = ledger.marks[place]?[range.partition]
          ledger.marks[place, default: [:]][range.partition] = DeadLetterLedger.mark(after: mark, of: range)
        }
        for (range, letters) in batch.deadLetters {
          ledger.kept[range.partition, default: []].formUnion(letters.map(\.offset))
        }
        return files.reduce(0) { $0 + $1.rowCount }
      }
      try await relearn(batch.deadLetters.map(\.range), from: tables, into: &ledger)
    }
  }

  /// False when another writer's dead letters of these partitions came in between.
  private func commit(
    _ files: [DataFile], _ ranges: [OffsetRange], to tables: inout LandingTables, marks: [Int32: Int64]
  ) async throws(LandingError) -> Bool {
    let now = WallClock.milliseconds()
    let adds = try await Upload.all(files.map { $0.upload(at: now) }, to: tables.deadLetters.store)
    let request = CommitRequest(operation: "STREAMING UPDATE", engine: engine) { [source] snapshot throws(DeltaError) in
      for range in ranges {
        let mark = snapshot.transactions[source.watermarkID(range.partition)]?.version
        if mark != marks[range.partition] { return nil }
      }
      let progress = ranges.map { range in
        let id = source.watermarkID(range.partition)
        let mark = DeadLetterLedger.mark(after: marks[range.partition], of: range)
        return Action.transaction(Transaction(appId: id, version: mark, lastUpdated: now))
      }
      return progress + adds.map { .add($0) }
    }
    do { return try await tables.deadLetters.commit(request) != nil } catch { throw LandingError(error) }
  }

  private func relearn(
    _ ranges: [OffsetRange], from tables: LandingTables, into ledger: inout DeadLetterLedger
  ) async throws(LandingError) {
    for range in ranges {
      let offsets = try await tables.deadLetterOffsets(source, partition: range.partition, from: range.start)
      ledger.kept[range.partition, default: []].formUnion(offsets)
      ledger.marks[place, default: [:]][range.partition] =
        tables.deadLetters.snapshot.transactions[source.watermarkID(range.partition)]?.version
    }
  }
}

/// The last value that a commit's closure left behind.
package final class Latest<Value: Sendable>: Sendable {
  private let box: Mutex<Value>

  /// Begins with a value.
  package init(_ value: Value) { box = Mutex(value) }

  /// The value left last.
  package var value: Value {
    get { box.withLock { $0 } }
    set { box.withLock { $0 = newValue } }
  }

  /// Changes the value in place.
  func change(_ body: (inout Value) -> Void) { box.withLock { body(&$0) } }
}
