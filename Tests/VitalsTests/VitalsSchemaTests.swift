import Columnar
import Foundation
import Testing
import Vitals

@Suite struct VitalsSchemaTests {
  @Test func theBundledTextIsTheFile() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let file = try Data(contentsOf: root.appending(path: "Schemas/vitals.avsc"))
    #expect(Array(VitalsSchema.avro.utf8) == Array(file), "write Schemas/vitals.avsc into VitalsSchema.avro")
  }

  @Test func theColumnsAreThoseOfAReading() {
    let schema = VitalsSchema.bundled
    #expect(schema.name == "Vitals" && schema.namespace == "lake.vitals")
    #expect(
      schema.fields.map(\.name) == [
        "patient_id", "event_time", "heart_rate", "spo2", "systolic_bp", "diastolic_bp", "respiratory_rate",
        "temperature", "consciousness", "supplemental_oxygen", "device_id",
      ])
    #expect(schema.fields.map(\.isNullable) == [false, false] + Array(repeating: true, count: 9))
    #expect(schema.fields[2...7].allSatisfy { $0.type == .double })
    #expect(schema.fields[8].type == .enumeration(["A", "C", "V", "P", "U"]))
    #expect(schema.tableSchema.fields[1].type == .timestamp(unit: .microseconds, isAdjustedToUTC: true))
    #expect(schema.keyField == 0 && schema.eventTimeField == 1 && schema.atLeastOneOf == Array(2...7))
    #expect(schema.fields.allSatisfy { $0.doc?.isEmpty == false })
  }

  @Test(arguments: [
    ("heart_rate", "8867-4", "/min"), ("spo2", "59408-5", "%"), ("systolic_bp", "8480-6", "mm[Hg]"),
    ("diastolic_bp", "8462-4", "mm[Hg]"), ("respiratory_rate", "9279-1", "/min"), ("temperature", "8310-5", "Cel"),
  ])
  func codesAndUnits(name: String, loinc: String, unit: String) throws {
    let field = try #require(VitalsSchema.bundled.fields.first { $0.name == name })
    #expect(field.loinc == loinc && field.unit == unit)
    let limits = try #require(field.limits)
    let warning = try #require(field.warning)
    let normal = try #require(field.normal)
    #expect(limits.lowerBound > 0, "a recorded 0 is a missing value, never one")
    #expect(limits.contains(warning.lowerBound) && limits.contains(warning.upperBound))
    #expect(warning.contains(normal.lowerBound) && warning.contains(normal.upperBound))
  }

  /// A value and the points it scores in NEWS2 (Royal College of Physicians, 2017): the edges of each band.
  static let news2: [(String, [(Double, Int)])] = [
    ("respiratory_rate", [(8, 3), (9, 1), (11, 1), (12, 0), (20, 0), (21, 2), (24, 2), (25, 3)]),
    ("spo2", [(91, 3), (92, 2), (93, 2), (94, 1), (95, 1), (96, 0), (100, 0)]),
    ("systolic_bp", [(90, 3), (91, 2), (100, 2), (101, 1), (110, 1), (111, 0), (219, 0), (220, 3)]),
    ("heart_rate", [(40, 3), (41, 1), (50, 1), (51, 0), (90, 0), (91, 1), (110, 1), (111, 2), (130, 2), (131, 3)]),
    ("temperature", [(35.0, 3), (35.1, 1), (36.0, 1), (36.1, 0), (38.0, 0), (38.1, 1), (39.0, 1), (39.1, 2), (42, 2)]),
  ]

  @Test(arguments: news2) func bandsAreThoseOfNEWS2(name: String, values: [(Double, Int)]) throws {
    let field = try #require(VitalsSchema.bundled.fields.first { $0.name == name })
    for (value, points) in values {
      #expect(field.normal?.contains(value) == (points == 0), "\(name) \(value)")
      #expect(field.warning?.contains(value) == (points < 3), "\(name) \(value)")
      #expect(field.limits?.contains(value) == true, "\(name) \(value)")
    }
  }

  /// What the simulated patients show (and more) must never be a dead letter.
  @Test(arguments: [
    ("heart_rate", 50.0...140.0), ("spo2", 85...100), ("systolic_bp", 90...180), ("diastolic_bp", 60...110),
    ("respiratory_rate", 10...30),
  ])
  func expectedValuesLieInsideTheLimits(name: String, values: ClosedRange<Double>) throws {
    let limits = try #require(VitalsSchema.bundled.fields.first { $0.name == name }?.limits)
    #expect(limits.contains(values.lowerBound) && limits.contains(values.upperBound))
  }
}
