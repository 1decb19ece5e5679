import Columnar
import Testing

@testable import Delta

@Suite("Partition values")
struct PartitionTextTests {
  private static let micros = DataType.timestamp(unit: .microseconds, isAdjustedToUTC: true)
  private static let local = DataType.timestamp(unit: .microseconds, isAdjustedToUTC: false)

  @Test(
    "typed values survive a round trip",
    arguments: [
      (.date, "2026-01-02", .int(20_455)), (.int(bits: 32), "-7", .int(-7)), (.int(bits: 8), "127", .int(127)),
      (.int(bits: 64), "-9223372036854775808", .int(.min)), (.boolean, "true", .boolean(true)),
      (.string, "a=b", .bytes(Array("a=b".utf8))), (.double, "36.6", .double(36.6)),
      (micros, "2026-01-02T03:04:05.678901Z", .int(1_767_323_045_678_901)),
      (local, "1969-12-31 23:59:59.999999", .int(-1)),
      (.decimal(precision: 9, scale: 2), "-0.05", .int(-5)), (.decimal(precision: 9, scale: 0), "12", .int(12)),
    ] as [(DataType, String, Scalar)])
  func roundTrip(type: DataType, text: String, value: Scalar) {
    #expect(PartitionText.scalar(text, type: type) == value)
    #expect(PartitionText.text(value, type: type) == text)
  }

  @Test(
    "times of other writers", arguments: ["2026-01-02 03:04:05", "2026-01-02T03:04:05.000Z", "2026-01-02 03:04:05.0"])
  func times(text: String) {
    #expect(PartitionText.scalar(text, type: Self.micros) == .int(1_767_323_045_000_000))
  }

  @Test("the empty text is null, whatever the type", arguments: [.date, .string, .int(bits: 32)] as [DataType])
  func null(type: DataType) {
    #expect(PartitionText.scalar("", type: type) == .null)
    #expect(PartitionText.scalar(nil, type: type) == .null)
    #expect(PartitionText.text(.null, type: type) == nil)
    #expect(PartitionText.text(.bytes([]), type: .string) == nil)
  }

  @Test(
    "a text that is no value of the type is told apart",
    arguments: [
      (.date, "2026-02-30"), (.date, "2026-1-2"), (.date, "x"), (.int(bits: 8), "128"), (.int(bits: 32), "1.5"),
      (.boolean, "yes"), (micros, "2026-01-02"), (micros, "2026-01-02 25:00:00"), (micros, "2026-01-02 03:04:05.x"),
      (.decimal(precision: 5, scale: 2), "1.234"), (.decimal(precision: 5, scale: 2), "."),
    ] as [(DataType, String)])
  func malformed(type: DataType, text: String) {
    #expect(PartitionText.scalar(text, type: type) == nil)
  }

  @Test("a file's value has the column's type")
  func ofFile() throws {
    var snapshot = Snapshot(root: "t")
    let schema = Schema([Field("a", .string), Field("date", .date)])
    let metadata = TableMetadata(
      id: "i", schemaString: try SchemaText.encode(schema), partitionColumns: ["date"], createdTime: nil)
    try snapshot.apply([.tableProtocol(TableProtocol()), .metadata(metadata)], version: 0)
    func value(_ text: String?) throws -> Scalar {
      let file = AddFile(path: "f", partitionValues: ["date": text], size: 1, modificationTime: 1)
      return try snapshot.partitionValue("date", of: file)
    }
    #expect(try value("1970-01-03") == .int(2))
    #expect(try value("") == .null)
    #expect(try value(nil) == .null)
    #expect(throws: DeltaError.self) { try value("soon") }
  }
}

@Suite("Spans of time in settings")
struct IntervalTextTests {
  @Test(
    "spans",
    arguments: [
      ("interval 7 days", 604_800_000), ("interval 1 week", 604_800_000), ("1 day 12 hours", 129_600_000),
      ("INTERVAL 30 Days", 2_592_000_000), ("interval 90 seconds", 90_000), ("interval 1 month", nil), ("", nil),
      ("interval", nil), ("interval -1 days", nil), ("interval 7", nil), ("interval 99999999999999999 weeks", nil),
    ] as [(String, Int64?)])
  func spans(text: String, milliseconds: Int64?) {
    #expect(IntervalText.milliseconds(text) == milliseconds)
  }
}
