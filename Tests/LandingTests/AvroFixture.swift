import Avro
import Vitals

@testable import Landing

/// Bytes in Avro's encoding, put together by hand.
struct AvroBytes {
  var bytes: [UInt8] = []

  static func + (left: AvroBytes, right: AvroBytes) -> AvroBytes { AvroBytes(bytes: left.bytes + right.bytes) }

  static func long(_ value: Int64) -> AvroBytes { made { AvroEncoding.append(long: value, to: &$0) } }
  static func double(_ value: Double) -> AvroBytes { made { AvroEncoding.append(double: value, to: &$0) } }
  static func text(_ value: String) -> AvroBytes { made { AvroEncoding.append(string: value, to: &$0) } }
  static func raw(_ bytes: UInt8...) -> AvroBytes { AvroBytes(bytes: bytes) }
  static func float(_ value: Float) -> AvroBytes {
    AvroBytes(bytes: withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) })
  }

  private static func made(_ body: (inout [UInt8]) -> Void) -> AvroBytes {
    var result = AvroBytes()
    body(&result.bytes)
    return result
  }
}

enum AvroFixture {
  /// A record of these fields, as a writer's schema.
  static func writer(_ fields: String) throws -> AvroSchema {
    try AvroSchema.parse(Array("{\"type\":\"record\",\"name\":\"R\",\"fields\":[\(fields)]}".utf8))
  }

  /// A record of these fields, as the table's.
  static func reader(_ fields: String, _ properties: String = "") throws -> RecordSchema {
    try RecordSchema.parse(
      avro: Array("{\"type\":\"record\",\"name\":\"Other\"\(properties),\"fields\":[\(fields)]}".utf8))
  }
}

extension RecordParser {
  /// The fields of the message that was parsed last, as text.
  func shown(_ payload: UnsafeRawBufferPointer) -> [String] {
    zip(schema.fields, slots).map { field, slot -> String in
      guard slot.state == .value else { return slot.state == .null ? "null" : "-" }
      switch field.type {
      case .double, .float: return "\(slot.double)"
      case .string, .enumeration, .bytes:
        var copy: [UInt8] = []
        appendBytes(of: slot, payload: payload, to: &copy)
        return String(decoding: copy, as: UTF8.self)
      case .boolean: return slot.bits == 1 ? "true" : "false"
      default: return "\(slot.integer)"
      }
    }
  }
}
