import Testing
import Vitals

@testable import Simulator

@Suite struct ReplayMappingTests {
  private static let columns = ["minute", "HR", "ABPSys", "NBPSys"]

  private func rules(_ mappings: [(String, ReadingField)]) -> ReplayRules {
    var rules = ReplayRules()
    rules.mappings = mappings.map { ColumnMapping(column: $0.0, field: $0.1) }
    return rules
  }

  private func reading(_ row: [RecordedValue], _ rules: ReplayRules) throws(ReplayError) -> Reading? {
    try ReplayMapping(columns: Self.columns, rules: rules).reading(line: 2) { row[$0] }
  }

  private let pressure: [(String, ReadingField)] = [
    ("minute", .eventTime), ("HR", .heartRate), ("ABPSys", .systolicBP), ("NBPSys", .systolicBP),
  ]

  @Test("the second column of a field counts where the first has no value, zero being none")
  func cuffWhereTheLineIsNotConnected() throws {
    let rows: [(line: RecordedValue, cuff: RecordedValue, expected: Double?)] = [
      (.number(120), .number(118), 120), (.number(0), .number(118), 118), (.missing, .text("118"), 118),
      (.text("0.0"), .text(""), nil), (.number(0), .number(0), nil), (.text("NA"), .number(90), 90),
    ]
    for row in rows {
      let found = try reading([.number(3), .number(60), row.line, row.cuff], rules(pressure))
      #expect(found?.systolicBP == row.expected, "\(row)")
      #expect(found?.heartRate == 60 && found?.eventTimeMillis == 180_000 && found?.patientID == "P00001")
    }
  }

  @Test("a row without any vital is none")
  func emptyRow() throws {
    #expect(try reading([.number(3), .number(0), .text(" "), .missing], rules(pressure)) == nil)
  }

  @Test("zero is a value where it is said to be")
  func zeroMayBeAValue() throws {
    var rules = rules(pressure)
    rules.zeroIsMissing = ["HR"]
    let found = try reading([.number(3), .number(0), .number(0), .number(90)], rules)
    #expect(found?.heartRate == nil && found?.systolicBP == 0)
    rules.zeroIsMissing = ["Pulse"]
    #expect(throws: ReplayError.self) { try reading([.number(3), .number(1), .missing, .missing], rules) }
  }

  @Test(
    "the unit of the time is the one asked for, or what its column is named after",
    arguments: [
      ("minute", nil, 120_000), ("Seconds", nil, 2_000), ("hour", nil, 7_200_000), ("t", nil, 2),
      ("minute", RecordedTimeUnit.seconds, 2_000),
    ])
  func timeUnits(column: String, unit: RecordedTimeUnit?, millis: Int64) throws {
    var rules = rules([(column, .eventTime)])
    rules.timeUnit = unit
    let mapping = try ReplayMapping(columns: [column, "heart_rate"], rules: rules)
    #expect(try mapping.reading(line: 2) { [.number(2), .number(60)][$0] }?.eventTimeMillis == millis)
  }

  @Test("what cannot be mapped is refused before the first reading")
  func refusals() {
    let cases: [([(String, ReadingField)], String)] = [
      ([("HR", .heartRate)], "no column gives the time"), ([("minute", .eventTime)], "no column gives a vital"),
      ([("minute", .eventTime), ("HR", .eventTime)], "two columns are mapped to event_time"),
      ([("minute", .eventTime), ("Pulse", .heartRate)], "there is no column Pulse"),
    ]
    for (mappings, message) in cases {
      do throws(ReplayError) {
        _ = try ReplayMapping(columns: Self.columns, rules: rules(mappings))
        Issue.record("accepted: \(mappings)")
      } catch {
        #expect("\(error)".contains(message), "\(error)")
      }
    }
  }

  @Test("text where a number belongs is named by line and column, and not repeated")
  func badValue() throws {
    do throws(ReplayError) {
      _ = try reading([.number(3), .text("Smith"), .missing, .missing], rules(pressure))
      Issue.record("accepted")
    } catch {
      #expect("\(error)".contains("HR") && "\(error)".contains("2") && !"\(error)".contains("Smith"))
    }
  }
}
