/// The members of a zip archive that are stored as they are. All numbers are little-endian.
///
///     member     := 50 4B 03 04  22 bytes  u16 name length  u16 extra length  name  extra  content
///     entry      := 50 4B 01 02  6 bytes  u16 method  4 bytes  u32 CRC-32  u32 stored length  u32 length
///                   u16 name length  u16 extra length  u16 comment length  8 bytes  u32 place of the member
///                   name  extra  comment
///     end        := 50 4B 05 06  6 bytes  u16 entries  u32 length of all entries  u32 their place
///                   u16 comment length  comment
///
/// See PKWARE's APPNOTE.TXT, sections 4.3.7, 4.3.12 and 4.3.16. Every place and length is checked against the file.
struct ZipArchive {
  private struct Entry {
    var method, crc, storedLength, length, place: Int
  }

  private let bytes: [UInt8]
  private var entries: [String: Entry] = [:]

  private static let endLength = 22
  private static let damaged = ForestError(.badModel, "the archive is cut off or damaged")

  /// - Throws: ``ForestError`` for what is no archive, and for one of more than 65,534 members.
  init(_ bytes: [UInt8]) throws(ForestError) {
    self.bytes = bytes
    guard let end = Self.end(bytes) else { throw Self.damaged }
    let count = number(end + 10, 2)
    guard count < 0xFFFF else { throw ForestError(.notSupported, "an archive of more than 65,534 members") }
    var at = number(end + 16, 4)
    for _ in 0..<count {
      guard at + 46 <= bytes.count, number(at, 4) == 0x0201_4B50 else { throw Self.damaged }
      let nameLength = number(at + 28, 2)
      let next = at + 46 + nameLength + number(at + 30, 2) + number(at + 32, 2)
      guard next <= bytes.count else { throw Self.damaged }
      let name = String(decoding: bytes[at + 46..<at + 46 + nameLength], as: UTF8.self)
      let entry = Entry(
        method: number(at + 10, 2), crc: number(at + 16, 4), storedLength: number(at + 20, 4),
        length: number(at + 24, 4), place: number(at + 42, 4))
      guard entries.updateValue(entry, forKey: name) == nil else {
        throw ForestError(.badModel, "the archive has two members of one name")
      }
      at = next
    }
  }

  /// A member's content.
  ///
  /// - Throws: ``ForestError`` where it is missing, compressed, or not what its checksum says.
  func member(_ name: String) throws(ForestError) -> ArraySlice<UInt8> {
    guard let entry = entries[name] else {
      throw ForestError(.badModel, "the archive has no member \(name.prefix(60))")
    }
    guard entry.method == 0, entry.storedLength == entry.length else {
      throw ForestError(.notSupported, "compressed members: write the archive without compression")
    }
    guard entry.place + 30 <= bytes.count, number(entry.place, 4) == 0x0403_4B50 else { throw Self.damaged }
    let start = entry.place + 30 + number(entry.place + 26, 2) + number(entry.place + 28, 2)
    guard start + entry.length <= bytes.count else { throw Self.damaged }
    let content = bytes[start..<start + entry.length]
    guard Self.crc32(content) == UInt32(truncatingIfNeeded: entry.crc) else {
      throw ForestError(.badModel, "\(name.prefix(60)) is damaged: its checksum is another one")
    }
    return content
  }

  /// Where the end stands: behind it comes a comment of at most 65,535 bytes.
  private static func end(_ bytes: [UInt8]) -> Int? {
    guard bytes.count >= endLength else { return nil }
    let last = bytes.count - endLength
    return stride(from: last, through: max(0, last - 0xFFFF), by: -1)
      .first { bytes[$0...].starts(with: [0x50, 0x4B, 5, 6]) }
  }

  /// A number of some bytes that are there.
  private func number(_ place: Int, _ count: Int) -> Int {
    (0..<count).reduce(0) { $0 | Int(bytes[place + $1]) << (8 * $1) }
  }

  private static let remainders: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { rest, _ in rest & 1 == 1 ? rest >> 1 ^ 0xEDB8_8320 : rest >> 1 }
  }

  private static func crc32(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    ~bytes.reduce(~UInt32(0)) { $0 >> 8 ^ remainders[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] }
  }
}
