public import Vitals

/// Writes readings as JSON objects, the message form of the vitals topic; fields that are missing are left out.
///
/// `{"patient_id":"P00001","event_time":1760000000000,"heart_rate":72.0}`
public struct ReadingJSON: Sendable {
  // One array per fragment, so that each is one copy.
  private let open = Array(#"{"patient_id":"#.utf8)
  private let eventTime = Array(#","event_time":"#.utf8)
  private let heartRate = Array(#","heart_rate":"#.utf8)
  private let spo2 = Array(#","spo2":"#.utf8)
  private let systolicBP = Array(#","systolic_bp":"#.utf8)
  private let diastolicBP = Array(#","diastolic_bp":"#.utf8)
  private let respiratoryRate = Array(#","respiratory_rate":"#.utf8)
  private let temperature = Array(#","temperature":"#.utf8)
  private let consciousness = Array(#","consciousness":""#.utf8)
  private let oxygenTrue = Array(#","supplemental_oxygen":true"#.utf8)
  private let oxygenFalse = Array(#","supplemental_oxygen":false"#.utf8)
  private let deviceID = Array(#","device_id":"#.utf8)

  /// A writer; keep it, for it holds the texts.
  public init() {}

  /// Appends one object, without a line feed.
  public func append(_ reading: Reading, to out: inout [UInt8]) {
    out.append(contentsOf: open)
    appendString(reading.patientID, to: &out)
    out.append(contentsOf: eventTime)
    appendInteger(reading.eventTimeMillis, to: &out)
    append(reading.heartRate, named: heartRate, to: &out)
    append(reading.spo2, named: spo2, to: &out)
    append(reading.systolicBP, named: systolicBP, to: &out)
    append(reading.diastolicBP, named: diastolicBP, to: &out)
    append(reading.respiratoryRate, named: respiratoryRate, to: &out)
    append(reading.temperature, named: temperature, to: &out)
    if let level = reading.consciousness {
      out.append(contentsOf: consciousness)
      out.append(level.rawValue)
      out.append(UInt8(ascii: "\""))
    }
    if let oxygen = reading.supplementalOxygen { out.append(contentsOf: oxygen ? oxygenTrue : oxygenFalse) }
    if let device = reading.deviceID {
      out.append(contentsOf: deviceID)
      appendString(device, to: &out)
    }
    out.append(UInt8(ascii: "}"))
  }

  private func append(_ value: Double?, named name: [UInt8], to out: inout [UInt8]) {
    guard let value, value.isFinite else { return }
    out.append(contentsOf: name)
    appendNumber(value, to: &out)
  }
}

/// Appends a finite double in its shortest form that reads back the same; tenths, the common case, from integers.
func appendNumber(_ value: Double, to out: inout [UInt8]) {
  if value >= 0.05, value < 1e9 {
    let tenths = Int64(value * 10 + 0.5)
    if Double(tenths) / 10 == value {
      let (whole, tenth) = tenths.quotientAndRemainder(dividingBy: 10)
      appendInteger(whole, to: &out)
      out.append(UInt8(ascii: "."))
      out.append(UInt8(truncatingIfNeeded: 0x30 + tenth))
      return
    }
  }
  out.append(contentsOf: value.description.utf8)
}

/// Appends a decimal integer.
func appendInteger(_ value: Int64, to out: inout [UInt8]) {
  var digits = InlineArray<20, UInt8>(repeating: 0)
  var rest = value.magnitude
  var start = 20
  repeat {
    let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
    start -= 1
    digits[start] = UInt8(truncatingIfNeeded: 0x30 + digit)
    rest = quotient
  } while rest != 0
  if value < 0 { out.append(UInt8(ascii: "-")) }
  for index in start..<20 { out.append(digits[index]) }
}

/// Appends a JSON string with the escapes of RFC 8259, section 7.
func appendString(_ text: String, to out: inout [UInt8]) {
  out.append(UInt8(ascii: "\""))
  for byte in text.utf8 {
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"):
      out.append(UInt8(ascii: "\\"))
      out.append(byte)
    case 0..<0x20:
      out.append(contentsOf: #"\u00"#.utf8)
      out.append(hexDigit(byte >> 4))
      out.append(hexDigit(byte & 15))
    default: out.append(byte)
    }
  }
  out.append(UInt8(ascii: "\""))
}

private func hexDigit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x57 + value }
