/// CRC-32C (Castagnoli; RFC 3720, section 12.1): reflected polynomial 0x82F63B78, start and final complement.
///
/// The check value of the nine bytes `123456789` is 0xE3069283.

/// Slicing by eight: `tables[k][b]` is the effect of byte `b` followed by `k` zero bytes.
private let tables: [UInt32] = {
  var tables = [UInt32](repeating: 0, count: 8 * 256)
  for byte in 0..<256 {
    var crc = UInt32(byte)
    for _ in 0..<8 { crc = crc & 1 == 1 ? (crc >> 1) ^ 0x82F6_3B78 : crc >> 1 }
    tables[byte] = crc
  }
  for slice in 1..<8 {
    for byte in 0..<256 {
      let previous = tables[(slice - 1) * 256 + byte]
      tables[slice * 256 + byte] = (previous >> 8) ^ tables[Int(previous & 0xFF)]
    }
  }
  return tables
}()

/// The CRC-32C of bytes; `seed` is the CRC of the bytes before them, 0 at the beginning.
public func crc32c(_ bytes: UnsafeRawBufferPointer, seed: UInt32 = 0) -> UInt32 {
  guard let base = bytes.baseAddress else { return seed }
  return tables.withUnsafeBufferPointer { ~update(~seed, base, bytes.count, $0.baseAddress!) }
}

/// The CRC-32C of every chunk of `chunk` bytes (the last may be shorter), stored big-endian one after the other.
///
/// `output` must hold 4 bytes for every chunk begun. One call a buffer, because a call for every 512 bytes costs.
public func crc32cChunks(_ bytes: UnsafeRawBufferPointer, chunk: Int, into output: UnsafeMutableRawBufferPointer) {
  precondition(chunk > 0, "a chunk has at least one byte")
  precondition(output.count / 4 >= (bytes.count + chunk - 1) / chunk, "the output holds every chunk's CRC")
  guard let base = bytes.baseAddress else { return }
  tables.withUnsafeBufferPointer { (tables) in
    guard let table = tables.baseAddress else { return }
    var offset = 0
    var index = 0
    // Each step of a chunk waits for the one before it; those of three chunks go side by side.
    while chunk & 7 == 0, bytes.count &- offset >= 3 &* chunk {
      let crcs = updateThree(base + offset, chunk, table)
      output.storeBytes(of: (~crcs.0).bigEndian, toByteOffset: index, as: UInt32.self)
      output.storeBytes(of: (~crcs.1).bigEndian, toByteOffset: index &+ 4, as: UInt32.self)
      output.storeBytes(of: (~crcs.2).bigEndian, toByteOffset: index &+ 8, as: UInt32.self)
      offset &+= 3 &* chunk
      index &+= 12
    }
    while offset < bytes.count {
      let crc = ~update(~0, base + offset, min(chunk, bytes.count - offset), table)
      output.storeBytes(of: crc.bigEndian, toByteOffset: index, as: UInt32.self)
      offset += chunk
      index += 4
    }
  }
}

@inline(__always)
private func update(
  _ start: UInt32, _ bytes: UnsafeRawPointer, _ count: Int, _ table: UnsafePointer<UInt32>
) -> UInt32 {
  var crc = start
  var offset = 0
  while offset &+ 8 <= count {
    crc = step(crc, bytes + offset, table)
    offset &+= 8
  }
  while offset < count {
    crc = (crc >> 8) ^ table[Int((crc ^ UInt32(bytes.load(fromByteOffset: offset, as: UInt8.self))) & 0xFF)]
    offset &+= 1
  }
  return crc
}

/// Three neighbouring chunks of `count` bytes each, a multiple of eight.
@inline(__always)
private func updateThree(
  _ bytes: UnsafeRawPointer, _ count: Int, _ table: UnsafePointer<UInt32>
) -> (UInt32, UInt32, UInt32) {
  var (first, second, third) = (~UInt32(0), ~UInt32(0), ~UInt32(0))
  var place = bytes
  let end = bytes + count
  while place < end {
    first = step(first, place, table)
    second = step(second, place + count, table)
    third = step(third, place + 2 &* count, table)
    place += 8
  }
  return (first, second, third)
}

/// Takes in eight bytes.
@inline(__always)
private func step(_ crc: UInt32, _ bytes: UnsafeRawPointer, _ table: UnsafePointer<UInt32>) -> UInt32 {
  let low = UInt32(littleEndian: bytes.loadUnaligned(as: UInt32.self)) ^ crc
  let high = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
  let front =
    table[7 &* 256 &+ Int(low & 0xFF)] ^ table[6 &* 256 &+ Int((low >> 8) & 0xFF)]
    ^ table[5 &* 256 &+ Int((low >> 16) & 0xFF)] ^ table[4 &* 256 &+ Int(low >> 24)]
  return front
    ^ table[3 &* 256 &+ Int(high & 0xFF)] ^ table[2 &* 256 &+ Int((high >> 8) & 0xFF)]
    ^ table[256 &+ Int((high >> 16) & 0xFF)] ^ table[Int(high >> 24)]
}
