/// Compares what HDFS stores with what was sent.
struct UploadComparison {
  let client: WebHDFSClient
  let path: String
  let content: any UploadSource

  /// - Parameters:
  ///   - status: What the server tells of the file.
  ///   - asked: The block size that it was asked for.
  ///   - expected: The checksum of what was sent, with blocks of that size and 512 bytes a CRC.
  func run(
    _ status: HDFSFileStatus, asked: Int64, expected: () async -> HDFSChecksum?
  ) async throws(WebHDFSError) {
    // Of encrypted or erasure-coded files the server's checksum is another one: only reading back proves anything.
    if status.isEncrypted || status.isErasureCoded { return try await compareByReading() }
    let stored = try await client.checksum(path)
    guard var computed = await expected() else {
      throw WebHDFSError(
        .invalidArgument, operation: "CREATE", path: path, message: "the content to send cannot be read")
    }
    guard let bytesPerCRC = stored.bytesPerCRC else { return try await compareByReading() }
    let real = status.blockSize > 0 ? status.blockSize : asked
    if bytesPerCRC != 0, bytesPerCRC != 512 || real != asked {
      // The server cuts otherwise than it was asked to.
      computed = await Self.checksum(content, real, bytesPerCRC) ?? computed
    }
    guard stored == computed else { throw Self.mismatch(path, stored, computed) }
  }

  static func mismatch(_ path: String, _ stored: HDFSChecksum, _ sent: HDFSChecksum) -> WebHDFSError {
    WebHDFSError(
      .checksumMismatch, operation: "GETFILECHECKSUM", path: path,
      message: "HDFS stores other bytes than were sent (\(stored.hex) instead of \(sent.hex))")
  }

  private func compareByReading() async throws(WebHDFSError) {
    let portion = 8 << 20
    var offset: Int64 = 0
    while offset < content.byteCount {
      let length = Int(min(Int64(portion), content.byteCount - offset))
      let stored = try await client.read(path, offset: offset, length: length)
      let sent = [UInt8](unsafeUninitializedCapacity: length) { (buffer, count) in
        while count < length {
          let rest = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[count...])
          let copied = content.copyBytes(from: offset + Int64(count), into: rest)
          guard copied > 0 else { return }
          count += copied
        }
      }
      guard stored == sent else {
        throw WebHDFSError(
          .checksumMismatch, operation: "OPEN", path: path, message: "HDFS stores other bytes than were sent")
      }
      offset += Int64(length)
    }
  }

  @concurrent
  static func checksum(
    _ content: any UploadSource, _ blockSize: Int64, _ bytesPerCRC: Int
  ) async -> HDFSChecksum? {
    HDFSChecksumBuilder.checksum(of: content, blockSize: blockSize, bytesPerCRC: bytesPerCRC)
  }
}
