/// A file's content as an `AsyncSequence` of portions, of which one is fetched ahead; the memory used is two portions,
/// whatever the file's length.
public struct HDFSContent: AsyncSequence, Sendable {
  /// A portion.
  public typealias Element = [UInt8]

  let client: WebHDFSClient
  let path: String
  let range: Range<Int64>
  let portion: Int

  /// Begins from the beginning.
  public func makeAsyncIterator() -> Iterator { Iterator(content: self) }

  /// Fetches portion after portion. Letting go of it ends what is under way.
  public final class Iterator: AsyncIteratorProtocol {
    private let content: HDFSContent
    private var next: Task<[UInt8], any Error>?
    private var position: Int64

    init(content: HDFSContent) {
      self.content = content
      position = content.range.lowerBound
      next = fetch()
    }

    deinit { next?.cancel() }

    /// The next portion, or `nil` at the end.
    public func next() async throws -> [UInt8]? {
      guard let task = next else { return nil }
      let bytes = try await withTaskCancellationHandler {
        try await task.value
      } onCancel: {
        task.cancel()
      }
      next = fetch()
      return bytes
    }

    private func fetch() -> Task<[UInt8], any Error>? {
      let (start, content) = (position, content)
      guard start < content.range.upperBound else { return nil }
      let length = Int(Swift.min(Int64(content.portion), content.range.upperBound - start))
      position += Int64(length)
      return Task { try await content.client.read(content.path, offset: start, length: length) }
    }
  }
}

extension WebHDFSClient {
  /// The content of a file, or of a range of it, to go through in order.
  ///
  /// - Parameters:
  ///   - range: The bytes wanted, which the file must have; all that it has now when it is `nil`.
  ///   - portion: Bytes of a portion.
  /// - Throws: ``WebHDFSError``, here and while going through.
  public func content(
    _ path: String, range: Range<Int64>? = nil, portion: Int = 8 << 20
  ) async throws(WebHDFSError) -> HDFSContent {
    var bytes = 0..<Int64(0)
    if let range {
      bytes = range
    } else {
      let status = try await status(path)
      if status.isDirectory {
        throw WebHDFSError(.isADirectory, operation: "OPEN", path: path, message: "a directory, not a file")
      }
      bytes = 0..<status.length
    }
    return HDFSContent(client: self, path: path, range: bytes, portion: Swift.max(portion, 1))
  }
}

/// The entries of a directory, page by page; see ``WebHDFSClient/pages(of:)``.
public struct HDFSListingPages: AsyncSequence, Sendable {
  /// The entries of a page.
  public typealias Element = [HDFSFileStatus]

  let client: WebHDFSClient
  let path: String

  /// Begins from the beginning.
  public func makeAsyncIterator() -> Iterator { Iterator(pages: self) }

  /// Asks for page after page.
  public struct Iterator: AsyncIteratorProtocol {
    let pages: HDFSListingPages
    private var last: String?
    private var isDone = false

    init(pages: HDFSListingPages) { self.pages = pages }

    /// The next entries, or `nil` at the end.
    public mutating func next() async throws(WebHDFSError) -> [HDFSFileStatus]? {
      if isDone { return nil }
      let page: HDFSListingPage
      do throws(WebHDFSError) {
        page = try await pages.client.listPage(pages.path, startAfter: last)
      } catch {
        // A server before 2.9 tells all at once.
        guard error.kind == .unsupported, last == nil else { throw error }
        isDone = true
        return try await pages.client.list(pages.path)
      }
      isDone = page.remaining == 0
      let name = page.entries.last?.name
      guard isDone || name != nil && name != last && name != "" else {
        throw WebHDFSError(
          .unexpectedAnswer, operation: Operation.listStatusBatch.rawValue, path: pages.path,
          message: "the server says that more entries remain and sends none")
      }
      last = name
      return page.entries
    }
  }
}

extension WebHDFSClient {
  /// The entries of a directory in pages, so that a huge one needs little memory: by LISTSTATUS_BATCH where the server
  /// has it, otherwise all in one page.
  public func pages(of path: String) -> HDFSListingPages { HDFSListingPages(client: self, path: path) }
}
