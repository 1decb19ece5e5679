import Foundation
import Testing
import Vitals

@testable import Simulator

@Suite struct ReadingJSONTests {
  struct NumberCase: Sendable {
    var value: Double
    var text: String
  }

  static let numbers = [
    NumberCase(value: 72, text: "72.0"), NumberCase(value: 97.4, text: "97.4"), NumberCase(value: 0, text: "0.0"),
    NumberCase(value: 0.1, text: "0.1"), NumberCase(value: 0.05, text: "0.05"), NumberCase(value: 36.65, text: "36.65"),
    NumberCase(value: -1.5, text: "-1.5"), NumberCase(value: 1e15, text: "1000000000000000.0"),
    NumberCase(value: 999_999_999.9, text: "999999999.9"), NumberCase(value: 1.0 / 3, text: "0.3333333333333333"),
  ]

  @Test(arguments: numbers) func numbersAreShortest(_ number: NumberCase) {
    var out: [UInt8] = []
    appendNumber(number.value, to: &out)
    #expect(String(decoding: out, as: UTF8.self) == number.text)
    #expect(Double(number.text) == number.value)
  }

  @Test(arguments: [Int64.min, -1, 0, 7, 10, 1_760_000_000_000, Int64.max])
  func integersAreDecimal(_ value: Int64) {
    var out: [UInt8] = []
    appendInteger(value, to: &out)
    #expect(String(decoding: out, as: UTF8.self) == "\(value)")
  }

  @Test func everyTenthReadsBackTheSame() {
    for tenths in 0...20_000 {
      var out: [UInt8] = []
      appendNumber(Double(tenths) / 10, to: &out)
      #expect(Double(String(decoding: out, as: UTF8.self)) == Double(tenths) / 10)
    }
  }

  @Test func missingFieldsAreLeftOutAndTextIsEscaped() throws {
    var reading = Reading(patientID: "a\"\\\n\u{1}é", eventTimeMillis: 1_760_000_000_000)
    reading.heartRate = 72
    reading.spo2 = .nan
    var out: [UInt8] = []
    ReadingJSON().append(reading, to: &out)
    #expect(
      String(decoding: out, as: UTF8.self)
        == #"{"patient_id":"a\"\\\u000a\u0001é","event_time":1760000000000,"heart_rate":72.0}"#)
    let object = try JSONSerialization.jsonObject(with: Data(out)) as? [String: Any]
    #expect(object?["patient_id"] as? String == reading.patientID)
  }

  @Test func allFieldsAreThere() throws {
    var reading = Reading(patientID: "P00001", eventTimeMillis: 1)
    (reading.heartRate, reading.spo2, reading.systolicBP, reading.diastolicBP) = (1, 2, 3, 4)
    (reading.respiratoryRate, reading.temperature) = (5, 36.6)
    (reading.consciousness, reading.supplementalOxygen, reading.deviceID) = (.confusion, false, "MON-1")
    var out: [UInt8] = []
    ReadingJSON().append(reading, to: &out)
    let object = try #require(try JSONSerialization.jsonObject(with: Data(out)) as? [String: Any])
    // Each field of the message is a field of the shipped schema, and the other way round.
    #expect(Set(object.keys) == Set(VitalsSchema.bundled.fields.map(\.name)))
    #expect(object["consciousness"] as? String == "C")
    #expect(object["supplemental_oxygen"] as? Bool == false)
    #expect(object["temperature"] as? Double == 36.6)
  }
}
