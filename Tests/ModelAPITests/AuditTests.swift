import Columnar
import Delta
import Logging
import Parquet
import Storage
import Testing

@testable import ModelAPI

@Suite("Audit trail")
struct AuditTests {
  private func said(_ count: Int) -> [Said] {
    (0..<count).map { number in
      Said(request: "r\(number)", model: "m", version: "v", record: "{}", probability: 0.25, level: "Low")
    }
  }

  /// The texts of a column of all files of the table, in any order.
  private func column(_ name: String, _ store: any FileStore) async throws -> [String] {
    let table = try await DeltaTable.open(store: store)
    var texts: [String] = []
    for file in table.snapshot.files {
      let parquet = try await ParquetFile.open(try await store.open(PathText.decode(file.path) ?? file.path))
      for try await batch in parquet.batches() {
        guard let column = batch.column(name) else { continue }
        for row in 0..<batch.rowCount {
          guard case .bytes(let bytes) = column.scalar(at: row) else { continue }
          texts.append(String(decoding: bytes, as: UTF8.self))
        }
      }
    }
    return texts
  }

  @Test("what was said is in the table after a flush, once")
  func landing() async throws {
    let store = MemoryFileStore()
    let trail = AuditTrail(store: store, engine: "test")
    try await trail.open()
    try await trail.note(said(3), route: "/predict")
    try await trail.flush()
    try await trail.flush()
    try await trail.note(said(1), route: "/explain")
    try await trail.flush()
    #expect(try await column("request", store).sorted() == ["r0", "r0", "r1", "r2"])
    #expect(try await column("route", store).sorted() == ["/explain", "/predict", "/predict", "/predict"])
    #expect(try await DeltaTable.open(store: store).snapshot.partitionColumns == ["date"])
  }

  @Test("an answer tells what it says of each patient, where account is kept")
  func accounts() async throws {
    let model = try await Samples.model()
    var service = Samples.service([model])
    let request = ModelService.Request(
      method: "POST", path: "/predict/batch", contentType: "application/json",
      body: Array("[\(Exchange.patient),{\"glucose\":0,\"bmi\":30,\"age\":50}]".utf8), id: "abc")
    #expect(service.answer(request).said.isEmpty)
    service.keepsAccount = true
    let reply = service.answer(request)
    #expect(reply.said.map(\.request) == ["abc", "abc"])
    #expect(reply.said.map(\.version) == [model.version, model.version])
    #expect(reply.said.first?.record == #"{"glucose":180.0,"bmi":44.0,"age":47.0}"#)
    #expect(reply.said.last?.record == #"{"glucose":null,"bmi":30.0,"age":50.0}"#)
    #expect(reply.said.first?.level == "High")
  }

  @Test("once too much waits, nothing is said any more")
  func behind() async throws {
    let trail = AuditTrail(store: MemoryFileStore(), engine: "test")
    let many = said(AuditTrail.limit)
    try await trail.note(many, route: "/predict/batch")
    await #expect(throws: Refusal.self) { try await trail.note(self.said(1), route: "/predict") }
    try await trail.flush()
    try await trail.note(said(1), route: "/predict")
  }
}
