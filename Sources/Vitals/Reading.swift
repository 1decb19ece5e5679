/// One reading of one patient's vital signs: what a message of the vitals topic holds.
///
/// Every vital may be missing, since sensors fall off, but not all of them: see `hasVital`.
public struct Reading: Sendable, Hashable {
  /// The patient, as the hospital identifies them; also the message's key.
  public var patientID: String
  /// When the reading was taken, in milliseconds since 1970-01-01 UTC.
  public var eventTimeMillis: Int64
  /// Heart rate, beats a minute.
  public var heartRate: Double?
  /// Oxygen saturation, percent.
  public var spo2: Double?
  /// Systolic blood pressure, mmHg.
  public var systolicBP: Double?
  /// Diastolic blood pressure, mmHg.
  public var diastolicBP: Double?
  /// Breaths a minute.
  public var respiratoryRate: Double?
  /// Body temperature, degrees Celsius.
  public var temperature: Double?
  /// Level of consciousness.
  public var consciousness: Consciousness?
  /// Whether the patient breathes oxygen rather than air.
  public var supplementalOxygen: Bool?
  /// The device that took the reading.
  public var deviceID: String?

  /// A reading without any vital yet.
  public init(patientID: String, eventTimeMillis: Int64) {
    self.patientID = patientID
    self.eventTimeMillis = eventTimeMillis
  }

  /// Whether at least one measured vital is there.
  public var hasVital: Bool {
    heartRate != nil || spo2 != nil || systolicBP != nil || diastolicBP != nil || respiratoryRate != nil
      || temperature != nil
  }
}

/// Level of consciousness on the ACVPU scale, as NEWS2 scores it.
public enum Consciousness: UInt8, Sendable, Hashable, CaseIterable {
  /// Alert.
  case alert = 0x41
  /// New confusion.
  case confusion = 0x43
  /// Responds to voice.
  case voice = 0x56
  /// Responds to pain.
  case pain = 0x50
  /// Unresponsive.
  case unresponsive = 0x55

  /// The letter of the scale: A, C, V, P or U.
  public var symbol: String { String(Character(Unicode.Scalar(rawValue))) }

  /// The level of a letter; nil for any other text.
  public init?(symbol: String) {
    guard symbol.utf8.count == 1, let byte = symbol.utf8.first else { return nil }
    self.init(rawValue: byte)
  }
}
