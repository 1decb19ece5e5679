import Columnar
import Foundation
import Parquet
import Storage
import Testing

@testable import Delta

/// A table that a version of the product wrote, with what stood in its topic; made by `tools/golden-table`.
private struct GoldenTable: CustomTestStringConvertible {
  let folder: URL
  var testDescription: String { folder.lastPathComponent }

  /// The tables of all versions.
  static let all: [GoldenTable] = {
    let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden")
    let names = (try? FileManager.default.contentsOfDirectory(atPath: root.path)) ?? []
    return names.sorted().map { GoldenTable(folder: root.appending(path: $0)) }
  }()

  /// One message of the topic.
  struct Message: Decodable {
    var partition: Int64
    var offset: Int64
    var timestamp: Int64
    var row: Row?
    var letter: String?
  }

  struct Row: Decodable {
    var patient_id: String
    var event_time: Int64
    var heart_rate, spo2, systolic_bp, diastolic_bp, respiratory_rate, temperature: Double?
    var consciousness, device_id, ward: String?
    var supplemental_oxygen: Bool?
  }

  func messages() throws -> [Message] {
    let lines = try String(contentsOf: folder.appending(path: "topic.ndjson"), encoding: .utf8).split(separator: "\n")
    return try lines.map { try JSONDecoder().decode(Message.self, from: Data($0.utf8)) }
  }

  /// A copy of a table in memory, without some of its files.
  func store(_ name: String, without isGone: (String) -> Bool = { _ in false }) async throws -> MemoryFileStore {
    let store = MemoryFileStore(root: name)
    let root = folder.appending(path: name)
    for case let path as String in FileManager.default.enumerator(atPath: root.path) ?? .init() {
      var isDirectory: ObjCBool = false
      let file = root.appending(path: path).path
      guard FileManager.default.fileExists(atPath: file, isDirectory: &isDirectory), !isDirectory.boolValue,
        !isGone(path)
      else { continue }
      _ = try await store.create(path, Array(try Data(contentsOf: URL(filePath: file))))
    }
    return store
  }
}

/// The rows of a table by partition and offset, each with its values by column.
private func rows(of table: DeltaTable) async throws -> [[Int64]: [String: Scalar]] {
  var rows: [[Int64]: [String: Scalar]] = [:]
  for file in table.snapshot.files {
    let path = try #require(PathText.decode(file.path))
    let parquet = try await ParquetFile.open(try await table.store.open(path))
    for group in parquet.metadata.rowGroups.indices {
      let batch = try await parquet.read(rowGroup: group)
      for row in 0..<batch.rowCount {
        var values: [String: Scalar] = [:]
        for name in table.snapshot.partitionColumns {
          values[name] = try table.snapshot.partitionValue(name, of: file)
        }
        for (field, column) in zip(batch.schema.fields, batch.columns) { values[field.name] = column.scalar(at: row) }
        guard case .int(let partition)? = values["_kafka_partition"], case .int(let offset)? = values["_kafka_offset"]
        else { throw CancellationError() }
        #expect(rows.updateValue(values, forKey: [partition, offset]) == nil, "a row is there twice")
      }
    }
  }
  return rows
}

private func text(_ value: String?) -> Scalar { value.map { .bytes(Array($0.utf8)) } ?? .null }

@Suite("Tables of all versions")
struct GoldenTableTests {
  @Test("there is a table of this version")
  func isThere() {
    #expect(GoldenTable.all.map(\.testDescription).contains("0.1.0"))
  }

  @Test("every value is as it was sent", arguments: GoldenTable.all)
  fileprivate func values(golden: GoldenTable) async throws {
    let table = try await DeltaTable.open(store: try await golden.store("vitals"))
    #expect(table.snapshot.partitionColumns == ["date"] && table.snapshot.version == 5)
    try expectSame(try await rows(of: table), try golden.messages())
  }

  @Test("a checkpoint of an old version bears the table alone", arguments: GoldenTable.all)
  fileprivate func checkpoint(golden: GoldenTable) async throws {
    let store = try await golden.store("vitals") { path in
      path.hasPrefix("_delta_log/") && path.hasSuffix(".json") && (Int64(path.dropFirst(11).prefix(20)) ?? 9) < 4
    }
    let table = try await DeltaTable.open(store: store)
    #expect(table.snapshot.version == 5)
    try expectSame(try await rows(of: table), try golden.messages())
    let error = await #expect(throws: DeltaError.self) { try await DeltaTable.open(store: store, at: .version(1)) }
    #expect(error?.code == .noSuchVersion)
  }

  @Test("its history can be read, and its marks stand at the end of the topic", arguments: GoldenTable.all)
  fileprivate func history(golden: GoldenTable) async throws {
    let store = try await golden.store("vitals")
    var counts: [Int] = []
    for version in 0...5 as ClosedRange<Int64> {
      counts.append(try await rows(of: try await DeltaTable.open(store: store, at: .version(version))).count)
    }
    #expect(counts.first == 0 && counts[1] == 60 && counts[2] == 60 && counts[5] == 105 && counts == counts.sorted())
    let newest = try await DeltaTable.open(store: store).snapshot
    for partition in 0...1 as ClosedRange<Int64> {
      let end = (try golden.messages().filter { $0.partition == partition }.map(\.offset).max() ?? -1) + 1
      #expect(newest.transactions["vitals-sink/vitals@0/\(partition)"]?.version == end)
    }
    #expect(newest.schema.fields.contains { $0.name == "ward" && $0.type == .string })
  }

  @Test("dead letters are as they came", arguments: GoldenTable.all)
  fileprivate func letters(golden: GoldenTable) async throws {
    let table = try await DeltaTable.open(store: try await golden.store("vitals_dead_letters"))
    let found = try await rows(of: table)
    let sent = try golden.messages().filter { $0.row == nil }
    #expect(found.count == sent.count && sent.count == 3)
    for message in sent {
      let row = try #require(found[[message.partition, message.offset]])
      let value = message.letter.flatMap { Data(base64Encoded: $0) }.map { Array($0) }
      #expect(row["value"] == value.map { .bytes($0) } ?? .null)
      #expect(row["key"] == text("key") && row["_kafka_topic"] == text("vitals"))
      #expect(row["headers"] == text(#"[{"name":"source","value":"Z29sZGVu"}]"#))
      #expect(row["_kafka_timestamp"] == .int(message.timestamp * 1_000))
    }
    let codes = found.values.compactMap { $0["error_code"] }
    #expect(Set(codes) == [text("not-json"), text("out-of-limits"), text("tombstone")])
  }

  @Test("this version writes on where an old one ended", arguments: GoldenTable.all)
  fileprivate func writing(golden: GoldenTable) async throws {
    var table = try await DeltaTable.open(store: try await golden.store("vitals"))
    let before = table.snapshot.files.count
    #expect(try await table.commit(TableFixture.append(TableFixture.file("new"))) == 6)
    #expect(table.maintenanceFailure == nil)
    let again = try await DeltaTable.open(store: table.store)
    #expect(again.snapshot.files.count == before + 1 && again.snapshot.version == 6)
  }

  private func expectSame(_ found: [[Int64]: [String: Scalar]], _ messages: [GoldenTable.Message]) throws {
    let sent = messages.filter { $0.row != nil }
    #expect(found.count == sent.count)
    for message in sent {
      let row = try #require(found[[message.partition, message.offset]], "row \(message.offset) is missing")
      let sent = try #require(message.row)
      let expected: [String: Scalar] = [
        "patient_id": text(sent.patient_id), "event_time": .int(sent.event_time * 1_000),
        "heart_rate": fraction(sent.heart_rate), "spo2": fraction(sent.spo2),
        "systolic_bp": fraction(sent.systolic_bp), "diastolic_bp": fraction(sent.diastolic_bp),
        "respiratory_rate": fraction(sent.respiratory_rate), "temperature": fraction(sent.temperature),
        "consciousness": text(sent.consciousness), "device_id": text(sent.device_id), "ward": text(sent.ward),
        "supplemental_oxygen": sent.supplemental_oxygen.map { .boolean($0) } ?? .null,
        "date": .int(sent.event_time / 86_400_000), "_kafka_timestamp": .int(message.timestamp * 1_000),
        "_kafka_incarnation": .int(0), "_kafka_partition": .int(message.partition),
        "_kafka_offset": .int(message.offset),
      ]
      // A file of before the column was added lacks it.
      for (name, value) in expected {
        #expect(row[name] ?? .null == value, "partition \(message.partition), offset \(message.offset), \(name)")
      }
      #expect(Set(row.keys).isSubset(of: expected.keys))
    }
  }

  private func fraction(_ value: Double?) -> Scalar { value.map { .double($0) } ?? .null }
}
