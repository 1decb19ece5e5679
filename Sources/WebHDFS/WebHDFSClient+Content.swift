/// Operations on content: a NameNode sends the client on to a DataNode.
extension WebHDFSClient {
  /// How a new file is made.
  public struct CreateOptions: Hashable, Sendable {
    /// Whether a file of that name is replaced, at once and before the first byte arrives.
    public var overwrite = false
    /// Bytes of a block, a multiple of 512 from 1 MiB on; `nil` for the server's default.
    public var blockSize: Int64?
    /// Unix permission bits. Always sent: old servers make every file executable.
    public var permission = 0o644
    /// Copies of each block; `nil` for the server's default.
    public var replication: Int?

    /// A file that must be new, readable by all.
    public init() {}
  }

  /// Writes a file, parents included.
  ///
  /// The server's "created" is no proof: before Hadoop 2.8 it also comes when nothing was stored. Check
  /// ``writeState(_:)`` and ``checksum(_:)`` before relying on the file. A failure of kind `timedOut` or
  /// `connectionLost` may leave a shorter file that looks whole.
  public func create(
    _ path: String, _ content: any UploadSource, _ options: CreateOptions = CreateOptions()
  ) async throws(WebHDFSError) {
    try await create(path, .source(content), options)
  }

  func create(
    _ path: String, _ content: TransferContent, _ options: CreateOptions
  ) async throws(WebHDFSError) {
    var parameters = [("overwrite", options.overwrite ? "true" : "false")] + permissionParameter(options.permission)
    if let blockSize = options.blockSize { parameters.append(("blocksize", String(blockSize))) }
    if let replication = options.replication { parameters.append(("replication", String(replication))) }
    _ = try await askDataNode(
      .create, HDFSPath(path, for: .create), parameters, content: content, answerByteLimit: 65_536,
      accepted: 201...201)
  }

  /// Adds bytes at the end of a file that exists and that nobody else writes. APPEND, since Hadoop 0.20.205.
  ///
  /// Sent once only, and the server's answer is no proof: ask ``writeState(_:)`` before, for the length to expect, and
  /// afterwards. A failure of kind `timedOut` or `connectionLost` may leave all, a part or none of the bytes there.
  public func append(_ path: String, _ content: any UploadSource) async throws(WebHDFSError) {
    _ = try await askDataNode(
      .append, HDFSPath(path, for: .append), [], content: .source(content), answerByteLimit: 65_536,
      accepted: 200...200)
  }

  /// Reads exactly `length` bytes from `offset` on; a shorter answer is an error of kind `truncated`.
  public func read(_ path: String, offset: Int64, length: Int) async throws(WebHDFSError) -> [UInt8] {
    let target = try HDFSPath(path, for: .open)
    guard length > 0 else { return [] }
    let response = try await askDataNode(
      .open, target, [("offset", String(offset)), ("length", String(length))],
      answerByteLimit: Self.roomForErrors(length), accepted: 200...206
    ) { (response) in
      response.body.count == length ? nil : "\(response.body.count) bytes came of \(length)"
    }
    return response.body
  }

  /// Reads a whole file, refused with kind `responseTooLarge` when it is longer than `limit` bytes.
  public func read(_ path: String, limit: Int) async throws(WebHDFSError) -> [UInt8] {
    let target = try HDFSPath(path, for: .open)
    let response = try await askDataNode(
      .open, target, [], answerByteLimit: Self.roomForErrors(limit), accepted: 200...206
    ) { (response) in
      guard let announced = response.announcedLength else { return nil }
      return announced == response.body.count ? nil : "\(response.body.count) bytes came of \(announced)"
    }
    guard response.body.count <= limit else {
      throw WebHDFSError(
        .responseTooLarge, operation: Operation.open.rawValue, path: target.text,
        message: "the file is longer than \(limit) bytes")
    }
    return response.body
  }

  /// Reads a range of a file into a sink, in order and in constant memory; a transfer that breaks off goes on where it
  /// was, from another DataNode where there is one.
  ///
  /// - Parameters:
  ///   - offset: The first byte.
  ///   - length: How many bytes, all of which the file must have.
  ///   - sink: Takes each byte once.
  public func read(
    _ path: String, offset: Int64, length: Int64, into sink: any DownloadSink
  ) async throws(WebHDFSError) {
    let target = try HDFSPath(path, for: .open)
    var position = offset
    let end = offset + length
    var failures = 0
    while position < end {
      let rest = end - position
      let counting = CountingSink(sink, limit: rest)
      do throws(WebHDFSError) {
        _ = try await askDataNode(
          .open, target, [("offset", String(position)), ("length", String(rest))], content: .sink(counting),
          answerByteLimit: 65_536, accepted: 200...206
        ) { (_) in counting.count == rest ? nil : "\(counting.count) bytes came of \(rest)" }
        return
      } catch {
        // Going on is no new attempt as long as much arrives in between.
        failures = counting.count < 1 << 20 ? failures + 1 : 0
        guard error.kind.isTransient, counting.count > 0, failures < configuration.retry.attempts else { throw error }
        position += counting.count
      }
    }
  }

  /// A limit on content that still lets a server explain a failure.
  private static func roomForErrors(_ length: Int) -> Int { max(length, 65_536) }

  /// The server's checksum of a file.
  ///
  /// It covers what the DataNodes have stored beside the data: it proves the way there, not later decay.
  public func checksum(_ path: String) async throws(WebHDFSError) -> HDFSChecksum {
    let target = try HDFSPath(path, for: .getFileChecksum)
    let response = try await askDataNode(.getFileChecksum, target, [], answerByteLimit: 65_536, accepted: 200...200)
    guard let checksum = Answer.checksum(response.body) else {
      throw WebHDFSError(
        .unexpectedAnswer, operation: Operation.getFileChecksum.rawValue, path: target.text,
        message: "the answer holds no checksum")
    }
    return checksum
  }

  // MARK: What the NameNode does to content

  /// How far a file has been written, and whether its writer is done. GET_BLOCK_LOCATIONS, since Hadoop 1.0.
  public func writeState(_ path: String) async throws(WebHDFSError) -> HDFSWriteState {
    try await answer(.getBlockLocations, path, [], Answer.writeState)
  }

  /// Where the blocks of a range of a file lie. GETFILEBLOCKLOCATIONS, since Hadoop 2.10.1 and 3.1.4.
  public func blockLocations(
    _ path: String, offset: Int64 = 0, length: Int64 = .max
  ) async throws(WebHDFSError) -> [HDFSBlockLocation] {
    struct List: Decodable { var BlockLocation: [HDFSBlockLocation] }
    let range = [("offset", String(offset)), ("length", String(length))]
    return try await answer(.getFileBlockLocations, path, range) {
      Answer.value(List.self, "BlockLocations", $0)?.BlockLocation
    }
  }

  /// Puts other files' content behind a file's own; the others vanish. CONCAT, since Hadoop 2.0.3.
  ///
  /// Sent once only. All files must lie in one directory, and the server refuses empty ones.
  public func concatenate(_ path: String, appending sources: [String]) async throws(WebHDFSError) {
    guard !sources.isEmpty else { return }
    var texts: [String] = []
    for source in sources {
      let text = try HDFSPath(source, for: .concat).text
      guard !text.contains(",") else {
        throw WebHDFSError(
          .invalidPath, operation: Operation.concat.rawValue, path: text,
          message: "the list of files is separated by commas, so that no name may hold one")
      }
      texts.append(text)
    }
    try await order(.concat, path, [("sources", texts.joined(separator: ","))])
  }

  /// Cuts a file to a length. TRUNCATE, since Hadoop 2.7.
  ///
  /// - Returns: Whether it is done; false while the server still recovers the last block, which takes seconds in which
  ///   the old length shows and nothing can be appended.
  public func truncate(_ path: String, length: Int64) async throws(WebHDFSError) -> Bool {
    try await answer(.truncate, path, [("newlength", String(length))], Answer.boolean)
  }
}
