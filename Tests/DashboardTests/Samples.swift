import Columnar
import Delta
import Foundation
import Storage

@testable import Dashboard
@testable import Features

/// Readings and wards for tests.
enum Samples {
  static let secret = [UInt8](repeating: 7, count: 32)
  /// 2026-01-02 03:04:05 UTC.
  static let start: Int64 = 1_767_323_045_000

  /// One reading: a patient, seconds after the start, and vitals; what is not named is missing.
  struct Row {
    var patient: String
    var seconds: Int64
    var vitals: [Vital: Double]

    init(_ patient: String, _ seconds: Int64, _ vitals: [Vital: Double] = Samples.healthy) {
      (self.patient, self.seconds, self.vitals) = (patient, seconds, vitals)
    }
  }

  static let healthy: [Vital: Double] = [
    .heartRate: 72, .spo2: 98, .systolicBP: 122, .diastolicBP: 78, .respiratoryRate: 15, .temperature: 36.8,
  ]

  /// Vitals of whom nobody would leave alone: NEWS2 is 12.
  static let shocked: [Vital: Double] = [
    .heartRate: 140, .spo2: 88, .systolicBP: 80, .diastolicBP: 45, .respiratoryRate: 30, .temperature: 36.5,
  ]

  static func batch(_ rows: [Row]) -> RecordBatch {
    var ids = ByteStrings()
    for row in rows { ids.append(row.patient.utf8) }
    var fields = [
      Field("patient_id", .string), Field("event_time", .timestamp(unit: .microseconds, isAdjustedToUTC: true)),
    ]
    var columns = [
      Column(type: fields[0].type, values: .bytes(ids)),
      Column(type: fields[1].type, values: .int64(rows.map { (start + $0.seconds * 1_000) * 1_000 })),
    ]
    for vital in Vital.allCases {
      fields.append(Field(vital.column, .double))
      var bits = Bitmap()
      for row in rows { bits.append(row.vitals[vital] != nil) }
      columns.append(
        Column(type: .double, values: .double(rows.map { $0.vitals[vital] ?? 0 }), validity: bits))
    }
    return RecordBatch(schema: Schema(fields), columns: columns)
  }

  static func ward(_ settings: WardSettings = WardSettings()) -> WardState {
    WardState(keys: PatientKeys(secret: secret), settings: settings)
  }

  static func key(_ id: String) -> String { PatientKeys(secret: secret).key(of: id.utf8) }

  static func hub() -> WardHub { WardHub(ward: ward(), listenerLimit: 10) }

  /// A moment in milliseconds, seconds after the start.
  static func time(_ seconds: Int64) -> Int64 { start + seconds * 1_000 }
}

extension WardState {
  /// Takes readings that arrive when they were taken.
  mutating func take(_ rows: [Samples.Row]) throws {
    let last = Samples.time(rows.map(\.seconds).max() ?? 0)
    try take([Samples.batch(rows)], arrival: last, now: last)
  }

  func patient(_ id: String) -> PatientState? { patients[Samples.key(id)] }
}
