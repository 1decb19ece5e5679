import Testing

@testable import Dashboard
@testable import Features

@Suite("Ward settings")
struct WardSettingsTests {
  @Test("a patient's thresholds go before the ward's, and those before all's")
  func order() throws {
    let text = """
      {"stale_seconds": 20, "thresholds": {"heart_rate": {"normal": [50, 100], "warning": [40, 140]}},
       "wards": [{"name": "ICU", "patients": ["I-*", "X1"], "stale_seconds": 60,
         "thresholds": {"heart_rate": {"normal": [60, 110], "warning": [50, 150]}}}],
       "patients": {"I-7": {"thresholds": {"heart_rate": {"normal": [70, 120], "warning": [60, 160]}}}}}
      """
    let settings = try WardSettings(parsing: Array(text.utf8))
    #expect(settings.ranges(.heartRate, of: "P1").normal == 50...100)
    #expect(settings.ranges(.heartRate, of: "I-1").normal == 60...110)
    #expect(settings.ranges(.heartRate, of: "X1").normal == 60...110)
    #expect(settings.ranges(.heartRate, of: "X12").normal == 50...100)
    #expect(settings.ranges(.heartRate, of: "I-7").normal == 70...120)
    #expect(settings.ranges(.spo2, of: "I-7") == VitalRanges.bundled[.spo2])
    #expect(settings.staleMillis(of: "P1") == 20_000 && settings.staleMillis(of: "I-7") == 60_000)
  }

  @Test("stale is two flushes, where nothing else is said")
  func flush() throws {
    #expect(try WardSettings(parsing: Array("{}".utf8), flushSeconds: 2).staleMillis(of: "a") == 4_000)
  }

  @Test(
    "a fault is told with its place",
    arguments: [
      ("{", "byte 1"), ("[]", ""), (#"{"thresold": 1}"#, "thresold"), (#"{"stale_seconds": -1}"#, "stale_seconds"),
      (#"{"thresholds": {"pulse": {}}}"#, "thresholds.pulse"),
      (#"{"thresholds": {"spo2": {"normal": [1]}}}"#, "thresholds.spo2.normal"),
      (#"{"thresholds": {"spo2": {"normal": [90, 100], "warning": [95, 100]}}}"#, "thresholds.spo2"),
      (#"{"wards": [{"patients": ["a"]}]}"#, "wards[0].name"), (#"{"wards": [{"name": "a"}]}"#, "wards[0].patients"),
      (#"{"notify": {"webhook": "ftp://x"}}"#, "notify.webhook"),
      (#"{"notify": {"email": {"server": "smtp://x", "from": "a"}}}"#, "notify.email.from"),
      (#"{"notify": {"email": {"server": "smtp://x", "from": "a@b", "to": ["a@b\r\nx"]}}}"#, "notify.email.to"),
      (#"{"notify": {"sms": 1}}"#, "notify.sms"),
      (#"{"wards": [{"name": "a", "patients": ["a"], "x": 1}]}"#, "wards[0].x"),
    ])
  func faults(text: String, path: String) {
    let error = #expect(throws: SettingsError.self) { try WardSettings(parsing: Array(text.utf8)) }
    #expect(error?.path == path)
  }
}
