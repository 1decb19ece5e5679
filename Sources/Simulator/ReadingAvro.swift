import Avro
public import Vitals

/// Writes readings in Avro's binary encoding, by the schema of `VitalsSchema`; fields that are missing are null.
public struct ReadingAvro: Sendable {
  private let symbols: [Consciousness: Int64]

  /// A writer; keep it, for it holds the order of the symbols.
  public init() {
    var symbols: [Consciousness: Int64] = [:]
    for case .enumeration(let texts) in VitalsSchema.bundled.fields.map(\.type) {
      for (number, text) in texts.enumerated() {
        if let level = Consciousness(symbol: text) { symbols[level] = Int64(number) }
      }
    }
    self.symbols = symbols
  }

  /// Appends one record, its fields in the order of the schema.
  public func append(_ reading: Reading, to out: inout [UInt8]) {
    AvroEncoding.append(string: reading.patientID, to: &out)
    AvroEncoding.append(long: reading.eventTimeMillis, to: &out)
    for vital in [
      reading.heartRate, reading.spo2, reading.systolicBP, reading.diastolicBP, reading.respiratoryRate,
      reading.temperature,
    ] {
      // A value that JSON cannot have is left out there, and so here.
      if Self.branch(vital.map(\.isFinite) ?? false, &out), let vital { AvroEncoding.append(double: vital, to: &out) }
    }
    let symbol = reading.consciousness.flatMap { symbols[$0] }
    if Self.branch(symbol != nil, &out), let symbol { AvroEncoding.append(long: symbol, to: &out) }
    let oxygen = reading.supplementalOxygen
    if Self.branch(oxygen != nil, &out), let oxygen { AvroEncoding.append(boolean: oxygen, to: &out) }
    let device = reading.deviceID
    if Self.branch(device != nil, &out), let device { AvroEncoding.append(string: device, to: &out) }
  }

  /// Appends the number of the union's branch: null, or the value that follows.
  private static func branch(_ hasValue: Bool, _ out: inout [UInt8]) -> Bool {
    AvroEncoding.append(long: hasValue ? 1 : 0, to: &out)
    return hasValue
  }
}
