import Kernels
public import Storage

/// Content that is not at hand when an upload begins, and that can be had once only.
extension WebHDFSClient {
  /// Puts a file at an absolute path, parents included, from a sequence of portions whose length nobody knows
  /// beforehand; as safe as the upload of a file, but without a second try, and in constant memory.
  ///
  /// A source that pauses longer than the configuration's `stallTimeout` breaks the upload off.
  ///
  /// - Parameters:
  ///   - stream: The content, in portions of any size.
  ///   - permission: Unix permission bits of the file.
  ///   - overwrite: Whether a file that holds the name is replaced, in one atomic step.
  /// - Throws: The stream's own error, or ``StorageError``; after `outcomeUnknown` alone the file may be there or not.
  public func upload<Content: AsyncSequence>(
    stream: Content, to path: String, permission: Int = 0o644, overwrite: Bool = false
  ) async throws -> CreateOutcome where Content.Element == [UInt8] {
    guard let upload = try await safeUpload(BytesUpload([]), to: path, permission, overwrite) else {
      return .alreadyExists
    }
    let temporary = upload.temporaryPath()
    do {
      let sent = try await send(stream, to: temporary, upload.options(blockSize: SafeUpload.largestBlock))
      let status = try await upload.settled(temporary, length: sent.length)
      try await compare(temporary, status, sent)
      let staged = SafeUpload.Staged(path: temporary, fileID: status.fileID)
      return try await upload.settle(staged) { (_) throws(StorageError) in try await makeParent(of: path) }
    } catch let error as StorageError {
      // Settling has removed what had to be removed.
      throw error
    } catch let error as WebHDFSError {
      await upload.discard(temporary, after: error)
      throw StorageError(await upload.explained(error, length: SafeUpload.largestBlock), isChange: false)
    } catch {
      await upload.discard(temporary)
      throw error
    }
  }

  /// What went out, as its receipt must read.
  private struct Sent {
    var length: Int64
    var checksum: HDFSChecksum
    var crc: UInt32
  }

  private func send<Content: AsyncSequence>(
    _ stream: Content, to path: String, _ options: CreateOptions
  ) async throws -> Sent where Content.Element == [UInt8] {
    let pipe = UploadPipe()
    async let sending: Void = transfer(pipe, to: path, options)
    var builder = HDFSChecksumBuilder(blockSize: SafeUpload.largestBlock)
    var length: Int64 = 0
    var crc: UInt32 = 0
    do {
      for try await portion in stream {
        portion.withUnsafeBytes {
          builder.update($0)
          crc = crc32c($0, seed: crc)
        }
        length += Int64(portion.count)
        guard await pipe.send(portion) else { break }
      }
    } catch {
      // Without its last chunk the request is not complete; what the server made of it is removed.
      pipe.abandon()
      _ = try? await sending
      throw error
    }
    pipe.finish()
    try await sending
    return Sent(length: length, checksum: builder.finish(), crc: crc)
  }

  private func transfer(_ pipe: UploadPipe, to path: String, _ options: CreateOptions) async throws(WebHDFSError) {
    defer { pipe.close() }
    try await create(path, .stream(pipe), options)
  }

  private func compare(_ path: String, _ status: HDFSFileStatus, _ sent: Sent) async throws {
    if !status.isEncrypted && !status.isErasureCoded && status.blockSize == SafeUpload.largestBlock {
      let stored = try await checksum(path)
      if let bytesPerCRC = stored.bytesPerCRC, bytesPerCRC == 0 || bytesPerCRC == 512 {
        guard stored == sent.checksum else { throw UploadComparison.mismatch(path, stored, sent.checksum) }
        return
      }
    }
    var crc: UInt32 = 0
    for try await portion in try await content(path) { portion.withUnsafeBytes { crc = crc32c($0, seed: crc) } }
    guard crc == sent.crc else {
      throw WebHDFSError(
        .checksumMismatch, operation: "OPEN", path: path, message: "HDFS stores other bytes than were sent")
    }
  }
}
