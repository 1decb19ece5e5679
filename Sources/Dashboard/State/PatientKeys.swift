internal import Crypto
internal import FoundationEssentials

/// Makes what stands for a patient in addresses and logs: a keyed hash, which nobody turns back into the patient's id
/// without the secret.
struct PatientKeys: Sendable {
  private let secret: SymmetricKey

  /// - Parameter secret: kept by the installation where addresses are to outlive the process.
  init(secret: [UInt8]) { self.secret = SymmetricKey(data: secret) }

  /// A fresh secret.
  static func makeSecret() -> [UInt8] { SymmetricKey(size: .bits256).bytes }

  /// 26 characters of the alphabet `a–z2–7`.
  func key(of id: some Sequence<UInt8>) -> String { Self.text(mac("patient", Array(id)).prefix(16)) }

  /// A signed session of a holder of a token.
  func session(of holder: String, until seconds: Int64) -> String {
    "\(holder).\(seconds).\(Self.text(mac("session", Array("\(holder).\(seconds)".utf8)).prefix(20)))"
  }

  /// Who a session belongs to, if it is ours and not over.
  func holder(of session: some StringProtocol, now seconds: Int64) -> String? {
    let parts = session.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 3, let end = Int64(parts[1]), end > seconds else { return nil }
    let expected = Array(self.session(of: String(parts[0]), until: end).utf8)
    let given = Array(session.utf8)
    guard expected.count == given.count else { return nil }
    var difference: UInt8 = 0
    for (left, right) in zip(expected, given) { difference |= left ^ right }
    return difference == 0 ? String(parts[0]) : nil
  }

  private func mac(_ purpose: String, _ message: [UInt8]) -> [UInt8] {
    Array(HMAC<SHA256>.authenticationCode(for: Array(purpose.utf8) + [0] + message, using: secret))
  }

  /// Five bits a character.
  private static func text(_ bytes: some Sequence<UInt8>) -> String {
    let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)
    var (text, buffer, bits): ([UInt8], UInt32, Int) = ([], 0, 0)
    for byte in bytes {
      buffer = buffer << 8 | UInt32(byte)
      bits += 8
      while bits >= 5 {
        bits -= 5
        text.append(alphabet[Int(buffer >> UInt32(bits) & 31)])
      }
      buffer &= 31
    }
    if bits > 0 { text.append(alphabet[Int(buffer << UInt32(5 - bits) & 31)]) }
    return String(decoding: text, as: UTF8.self)
  }
}

extension SymmetricKey {
  /// The bytes of the key.
  fileprivate var bytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(bitCount / 8)
    unsafe withUnsafeBytes { bytes = unsafe Array($0) }
    return bytes
  }
}
