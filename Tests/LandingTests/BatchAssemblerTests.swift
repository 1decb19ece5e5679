import Columnar
import Testing
import Vitals

@testable import Landing

private let layout = TableLayout(record: VitalsSchema.bundled)
private let now: Int64 = 1_767_312_000_000  // 2026-01-02T00:00:00Z

private func message(_ time: Int64, _ rest: String = "\"heart_rate\":70") -> [UInt8] {
  Array("{\"patient_id\":\"P1\",\"event_time\":\(time),\(rest)}".utf8)
}

extension BatchAssembler {
  fileprivate mutating func add(_ bytes: [UInt8]?, partition: Int32 = 0, offset: Int64, time: Int64? = now)
    -> Rejection?
  {
    guard let bytes else {
      return append(nil, partition: partition, offset: offset, timestampMillis: time, nowMillis: now)
    }
    return bytes.withUnsafeBytes {
      append($0, partition: partition, offset: offset, timestampMillis: time, nowMillis: now)
    }
  }
}

@Suite("Batch assembler")
struct BatchAssemblerTests {
  @Test("rows are parted by Kafka partition and by the day of the event in UTC")
  func days() throws {
    var assembler = BatchAssembler(layout: layout)
    assembler.open(partition: 0, at: 10)
    assembler.open(partition: 2, at: 0)
    #expect(assembler.add(message(now), offset: 10) == nil)
    #expect(assembler.add(message(now - 1), offset: 12) == nil)
    #expect(assembler.add(message(now + 1), offset: 13) == nil)
    #expect(assembler.add(message(now), partition: 2, offset: 4) == nil)
    #expect(assembler.bufferCount == 3)
    let batch = assembler.take()
    #expect(batch.partitions.map(\.partition) == [0, 2])
    #expect(batch.partitions.map { [$0.start, $0.next] } == [[10, 14], [0, 5]])
    #expect(batch.partitions[0].buffers.map(\.count) == [2, 1])
    #expect(batch.rowCount == 4)
    #expect(assembler.isEmpty && assembler.rowCount == 0 && assembler.byteCount == 0 && assembler.bufferCount == 0)
  }

  @Test("a row holds the record and where it came from")
  func row() throws {
    var assembler = BatchAssembler(layout: layout)
    assembler.open(partition: 3, at: 7)
    let bytes = message(now, #""heart_rate":70.5,"spo2":97,"consciousness":"A","supplemental_oxygen":true"#)
    #expect(assembler.add(bytes, partition: 3, offset: 7, time: nil) == nil)
    let buffer = try #require(assembler.take().partitions.first?.buffers.first)
    let rows = buffer.batch(layout: layout, partition: 3, incarnation: 1)
    func value(_ name: String) -> Scalar? { rows.column(name)?.scalar(at: 0) }
    #expect(value("patient_id") == .bytes(Array("P1".utf8)))
    #expect(value("event_time") == .int(now * 1_000))
    #expect(value("heart_rate") == .double(70.5))
    #expect(value("spo2") == .double(97))
    #expect(value("temperature") == .null)
    #expect(value("consciousness") == .bytes([65]))
    #expect(value("supplemental_oxygen") == .boolean(true))
    #expect(value("_kafka_partition") == .int(3))
    #expect(value("_kafka_offset") == .int(7))
    #expect(value("_kafka_timestamp") == .null)
    #expect(value("_kafka_incarnation") == .int(1))
  }

  @Test("clocks years away are dead letters, and leave no folder behind")
  func clocks() {
    var assembler = BatchAssembler(layout: layout)
    assembler.open(partition: 0, at: 0)
    #expect(assembler.add(message(now + 3_600_000), offset: 0) == nil)
    #expect(assembler.add(message(now + 3_600_001), offset: 1) == .inTheFuture("event_time"))
    #expect(assembler.add(message(now - 3 * 366 * 86_400_000), offset: 2) == .inThePast("event_time"))
    #expect(assembler.add(message(Int64.max / 1_000), offset: 3) == .inTheFuture("event_time"))
    #expect(assembler.add(message(Int64.min / 1_000), offset: 4) == .inThePast("event_time"))
    #expect(assembler.add(message(Int64.max), offset: 5)?.code == "wrong-type")
    #expect(assembler.bufferCount == 1)
  }

  @Test("bad records move the range on, and empty ones have their own reasons")
  func deadLetters() {
    var assembler = BatchAssembler(layout: layout)
    assembler.open(partition: 0, at: 5)
    #expect(assembler.add(nil, offset: 5) == .tombstone)
    #expect(assembler.add([], offset: 6) == .empty)
    assembler.append(
      DeadLetter(offset: 6, timestampMillis: nil, reason: .empty, key: nil, value: [], headers: nil), partition: 0)
    assembler.advance(partition: 0, to: 9)
    let batch = assembler.take()
    #expect(batch.deadLetterCount == 1 && batch.rowCount == 0)
    #expect(batch.partitions.first?.next == 9)
  }

  @Test("a dropped partition takes its counts along")
  func drop() {
    var assembler = BatchAssembler(layout: layout)
    assembler.open(partition: 0, at: 0)
    assembler.open(partition: 1, at: 0)
    #expect(assembler.add(message(now), offset: 0) == nil)
    #expect(assembler.add(message(now), partition: 1, offset: 0) == nil)
    assembler.drop(partition: 0)
    assembler.drop(partition: 9)
    #expect(assembler.rowCount == 1 && assembler.bufferCount == 1)
    #expect(assembler.byteCount == RowBuffer.cost(of: message(now).count))
    #expect(assembler.take().partitions.map(\.partition) == [1])
  }
}
