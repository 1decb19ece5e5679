import Avro
import Testing
import Vitals

@testable import Simulator

@Suite("Readings in Avro")
struct ReadingAvroTests {
  private func bytes(_ change: (inout Reading) -> Void) -> [UInt8] {
    var reading = Reading(patientID: "P1", eventTimeMillis: 64)
    change(&reading)
    var bytes: [UInt8] = []
    ReadingAvro().append(reading, to: &bytes)
    return bytes
  }

  /// `P1`, then 64 in two bytes.
  private let start: [UInt8] = [4, 0x50, 0x31, 0x80, 0x01]

  @Test("missing fields are nulls, in the order of the schema")
  func nothing() {
    #expect(bytes { _ in } == start + [UInt8](repeating: 0, count: 9))
  }

  @Test("every field stands in its place")
  func all() {
    let one: [UInt8] = [2, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F]
    let written = bytes {
      ($0.heartRate, $0.spo2, $0.systolicBP, $0.diastolicBP, $0.respiratoryRate, $0.temperature) = (1, 1, 1, 1, 1, 1)
      $0.consciousness = .unresponsive
      $0.supplementalOxygen = true
      $0.deviceID = "d"
    }
    // The branch that has a value, then U as the fifth symbol, true, and the text.
    #expect(written == start + Array(repeating: one, count: 6).joined() + [2, 8, 2, 1, 2, 2, 0x64])
  }

  @Test("what JSON cannot have is left out here too", arguments: [Double.nan, .infinity, -.infinity])
  func notFinite(value: Double) {
    #expect(bytes { $0.spo2 = value } == start + [UInt8](repeating: 0, count: 9))
  }

  @Test("a message is what the schema says, to its last byte")
  func whole() throws {
    let schema = try AvroSchema.parse(Array(VitalsSchema.avro.utf8))
    var ward = PatientSimulator(patients: 7, seed: 3, startMillis: 1_767_312_000_000, intervalMillis: 1_000)
    for _ in 0..<500 {
      var message: [UInt8] = []
      ReadingAvro().append(ward.next(), to: &message)
      try message.withUnsafeBufferPointer { buffer in
        var cursor = unsafe AvroCursor(buffer.baseAddress!, count: buffer.count)
        try cursor.skip(schema.root, of: schema)
        #expect(cursor.isAtEnd)
      }
    }
  }
}
