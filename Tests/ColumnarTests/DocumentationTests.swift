import Columnar
import Testing

/// The example of the documentation, as it stands there, and what makes it short.
@Suite struct DocumentationTests {
  @Test("the landing page: make a batch, look at rows and values, take a part")
  func landingPage() {
    let batch = RecordBatch([
      "patient": Column(strings: ["P1", "P2", "P3"]),
      "pulse": Column(doubles: [72, nil, 80]),
    ])
    var seen: [[Scalar]] = []
    func print(_ row: [Scalar]) { seen.append(row) }
    func print(_ value: Double) { #expect(value == 80) }
    for row in 0..<batch.rowCount where batch.columns[1].isValid(row) {
      print(batch.columns.map { $0.scalar(at: row) })
    }
    if case .double(let values)? = batch.column("pulse")?.values { print(values.max() ?? 0) }
    let last = batch.sliced(1..<3)
    #expect(seen == [[.bytes(Array("P1".utf8)), .double(72)], [.bytes(Array("P3".utf8)), .double(80)]])
    #expect(last.rowCount == 2 && last.column("pulse")?.nullCount == 1)
  }

  @Test("columns of single values: types, nulls, and none")
  func literals() {
    #expect(Column(doubles: [1.5]) == Column(type: .double, values: .double([1.5])))
    let integers = Column(integers: [.max, nil, .min])
    #expect(integers.type == .int(bits: 64) && integers.nullCount == 1)
    #expect((0..<3).map { integers.scalar(at: $0) } == [.int(.max), .null, .int(.min)])
    let booleans = Column(booleans: [true, nil, false])
    #expect((0..<3).map { booleans.scalar(at: $0) } == [.boolean(true), .null, .boolean(false)])
    let strings = Column(strings: ["", nil, "°C"])
    #expect((0..<3).map { strings.scalar(at: $0) } == [.bytes([]), .null, .bytes(Array("°C".utf8))])
    #expect(Column(strings: []).count == 0 && Column(strings: []).validity == nil)
    let batch = RecordBatch(["a": integers, "b": booleans])
    #expect(batch.schema == Schema([Field("a", .int(bits: 64)), Field("b", .boolean)]) && batch.rowCount == 3)
  }
}
