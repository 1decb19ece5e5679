import Crypto
import Kernels

/// A whole-file checksum as HDFS computes it: an MD5 over the MD5 of each block's chunk CRCs.
///
/// 1. Cut the file into blocks, and each block into chunks of `bytesPerCRC` bytes.
/// 2. For each block: CRC-32C of every chunk, 4 bytes big-endian each, one after the other; MD5 of that.
/// 3. Put the block MD5s one after the other, fill up with zero bytes to a power of two, at least 32 (Hadoop hashes
///    the unused part of its buffer too), and take the MD5.
/// 4. The value is `bytesPerCRC` (4 bytes big-endian), the number of chunks in the first block (8 bytes; 0 when there
///    is only one block), and the MD5.
///
/// One byte `a`: `MD5-of-0MD5-of-512CRC32C`. The empty file: `MD5-of-0MD5-of-0CRC32`, with the MD5 of 32 zero bytes.
public struct HDFSChecksum: Hashable, Sendable, CustomStringConvertible {
  /// Such as `MD5-of-0MD5-of-512CRC32C`.
  public var algorithm: String
  /// The value in lower-case hexadecimal.
  public var hex: String

  /// Takes the parts as a server tells them.
  public init(algorithm: String, hex: String) {
    self.algorithm = algorithm
    self.hex = hex.lowercased()
  }

  public var description: String { "\(algorithm) \(hex)" }

  /// The chunk size that a CRC-32C checksum tells, or `nil` when the algorithm is another one.
  ///
  /// The empty file's checksum tells 0.
  public var bytesPerCRC: Int? {
    guard algorithm.hasPrefix("MD5-of-") else { return nil }
    let parts = algorithm.dropFirst("MD5-of-".count).split(separator: "MD5-of-")
    guard parts.count == 2, Int(parts[0]) != nil else { return nil }
    if parts[1].hasSuffix("CRC32C") { return Int(parts[1].dropLast("CRC32C".count)) }
    return parts[1] == "0CRC32" ? 0 : nil
  }
}

/// Computes an ``HDFSChecksum`` from bytes in any portions.
public struct HDFSChecksumBuilder: Sendable {
  /// The lengths of the blocks; the last one counts for all that follow.
  private let blockSizes: [Int]
  private let bytesPerCRC: Int
  private var blockDigests: [UInt8] = []
  private var block = Insecure.MD5()
  private var blockFill = 0
  private var firstBlockChunks = 0
  private var chunkCRC: UInt32 = 0
  private var chunkFill = 0

  /// - Parameters:
  ///   - blockSize: The file's block size, at least 1.
  ///   - bytesPerCRC: The server's `dfs.bytes-per-checksum`.
  public init(blockSize: Int64, bytesPerCRC: Int = 512) {
    blockSizes = [max(Int(clamping: blockSize), 1)]
    self.bytesPerCRC = max(bytesPerCRC, 1)
  }

  /// For a file whose blocks are known, which after CONCAT and APPEND need not be of one length.
  ///
  /// - Parameters:
  ///   - blockLengths: The lengths of its blocks.
  ///   - blockSize: The length of a full block.
  public init(blockLengths: [Int64], blockSize: Int64, bytesPerCRC: Int = 512) {
    blockSizes = (blockLengths.dropLast() + [blockSize]).map { max(Int(clamping: $0), 1) }
    self.bytesPerCRC = max(bytesPerCRC, 1)
  }

  /// The length of the block being filled.
  private var blockSize: Int { blockSizes[min(blockDigests.count / 16, blockSizes.count - 1)] }

  /// Adds bytes.
  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let inBlock = rest.prefix(blockSize - blockFill)
      updateBlock(UnsafeRawBufferPointer(rebasing: inBlock))
      rest = rest.dropFirst(inBlock.count)
      if blockFill == blockSize { closeBlock() }
    }
  }

  /// The checksum of all bytes added.
  public mutating func finish() -> HDFSChecksum {
    if blockFill > 0 { closeBlock() }
    return Self.joined([self])
  }

  /// The checksum of pieces of a file in order; each of them but the last must end where a block ends.
  public static func joined(_ pieces: [HDFSChecksumBuilder]) -> HDFSChecksum {
    var digests: [UInt8] = []
    var firstBlockChunks = 0
    for var piece in pieces {
      if piece.blockFill > 0 { piece.closeBlock() }
      if digests.isEmpty { firstBlockChunks = piece.firstBlockChunks }
      digests += piece.blockDigests
    }
    let blockCount = digests.count / 16
    var capacity = 32
    while capacity < digests.count { capacity *= 2 }
    var hash = Insecure.MD5()
    hash.update(data: digests + [UInt8](repeating: 0, count: capacity - digests.count))
    let chunkSize = blockCount == 0 ? 0 : pieces.first?.bytesPerCRC ?? 0
    let chunks = blockCount > 1 ? firstBlockChunks : 0
    let value =
      withUnsafeBytes(of: UInt32(clamping: chunkSize).bigEndian, Array.init)
      + withUnsafeBytes(of: UInt64(chunks).bigEndian, Array.init) + Array(hash.finalize())
    return HDFSChecksum(
      algorithm: "MD5-of-\(chunks)MD5-of-\(chunkSize)CRC32\(blockCount == 0 ? "" : "C")", hex: Self.hex(value))
  }

  /// Adds bytes that all lie in the current block.
  private mutating func updateBlock(_ bytes: UnsafeRawBufferPointer) {
    blockFill += bytes.count
    var rest = bytes[...]
    if chunkFill > 0 {
      let head = rest.prefix(bytesPerCRC - chunkFill)
      addToChunk(UnsafeRawBufferPointer(rebasing: head))
      rest = rest.dropFirst(head.count)
    }
    let wholeChunks = rest.count / bytesPerCRC
    if wholeChunks > 0 {
      let whole = rest.prefix(wholeChunks * bytesPerCRC)
      let crcs = [UInt8](unsafeUninitializedCapacity: wholeChunks * 4) { (buffer, count) in
        count = wholeChunks * 4
        crc32cChunks(
          UnsafeRawBufferPointer(rebasing: whole), chunk: bytesPerCRC,
          into: UnsafeMutableRawBufferPointer(start: buffer.baseAddress, count: count))
      }
      block.update(data: crcs)
      rest = rest.dropFirst(whole.count)
    }
    if !rest.isEmpty { addToChunk(UnsafeRawBufferPointer(rebasing: rest)) }
  }

  private mutating func addToChunk(_ bytes: UnsafeRawBufferPointer) {
    chunkCRC = crc32c(bytes, seed: chunkCRC)
    chunkFill += bytes.count
    if chunkFill == bytesPerCRC { closeChunk() }
  }

  private mutating func closeChunk() {
    withUnsafeBytes(of: chunkCRC.bigEndian) { block.update(bufferPointer: $0) }
    chunkCRC = 0
    chunkFill = 0
  }

  private mutating func closeBlock() {
    if chunkFill > 0 { closeChunk() }
    if blockDigests.isEmpty { firstBlockChunks = (blockFill + bytesPerCRC - 1) / bytesPerCRC }
    blockDigests += Array(block.finalize())
    block = Insecure.MD5()
    blockFill = 0
  }

  private static func hex(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}

extension HDFSChecksumBuilder {
  /// The checksum of a whole source, read in portions of 1 MiB; `nil` when it cannot be read.
  public static func checksum(
    of source: any UploadSource, blockSize: Int64, bytesPerCRC: Int = 512
  ) -> HDFSChecksum? {
    var builder = HDFSChecksumBuilder(blockSize: blockSize, bytesPerCRC: bytesPerCRC)
    return builder.update(from: source) ? builder.finish() : nil
  }

  /// Adds all bytes of a source.
  ///
  /// - Returns: Whether it could be read.
  public mutating func update(from source: any UploadSource) -> Bool {
    let portion = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
    defer { portion.deallocate() }
    var offset: Int64 = 0
    while offset < source.byteCount {
      let count = source.copyBytes(from: offset, into: portion)
      guard count > 0 else { return false }
      update(UnsafeRawBufferPointer(rebasing: portion[..<count]))
      offset += Int64(count)
    }
    return true
  }
}
