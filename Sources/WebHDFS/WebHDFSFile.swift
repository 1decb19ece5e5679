public import Storage

/// A file on HDFS for ranged reads; each read is one request of its own.
public struct WebHDFSFile: RandomAccess {
  public let size: Int64
  private let client: WebHDFSClient
  private let path: String

  /// Takes a file of known length.
  public init(client: WebHDFSClient, path: String, size: Int64) {
    self.client = client
    self.path = path
    self.size = size
  }

  public var name: String { client.address + path }

  public func read(_ range: Range<Int64>) async throws(StorageError) -> [UInt8] {
    guard range.lowerBound >= 0, range.upperBound <= size,
      let length = Int(exactly: range.upperBound - range.lowerBound)
    else {
      throw StorageError(.truncated, path: path, message: "the range \(range) lies outside \(size) bytes")
    }
    do throws(WebHDFSError) {
      return try await client.read(path, offset: range.lowerBound, length: length)
    } catch {
      throw StorageError(error, isChange: false)
    }
  }
}
