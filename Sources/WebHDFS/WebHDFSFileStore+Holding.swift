public import Storage

extension WebHDFSFileStore {
  /// Whether a path holds exactly this content: same length and, by HDFS's own checksum or by reading, same bytes.
  ///
  /// - Returns: `nil` where there is nothing at the path.
  public func holds(_ path: String, _ content: any UploadSource) async throws(StorageError) -> Bool? {
    try StorePath.check(path)
    do throws(WebHDFSError) {
      guard let status = try await client.statusIfPresent(absolute(path)) else { return nil }
      guard !status.isDirectory, status.length == content.byteCount else { return false }
      do throws(WebHDFSError) {
        try await UploadComparison(client: client, path: absolute(path), content: content)
          .run(status, asked: status.blockSize) {
            await UploadComparison.checksum(content, max(status.blockSize, 1), 512)
          }
        return true
      } catch {
        if error.kind == .checksumMismatch { return false }
        throw error
      }
    } catch {
      throw StorageError(error, isChange: false)
    }
  }
}
