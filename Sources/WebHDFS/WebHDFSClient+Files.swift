public import Storage

/// Whole files, safely.
extension WebHDFSClient {
  /// Puts a complete file at an absolute path, parents included: sent to a hidden temporary name beside it, checked for
  /// length, closing and checksum, and renamed.
  ///
  /// - Parameters:
  ///   - permission: Unix permission bits of the file.
  ///   - overwrite: Whether a file that holds the name is replaced, in one atomic step.
  /// - Throws: ``StorageError``; after `outcomeUnknown` alone the file may be there or not.
  public func upload(
    _ content: any UploadSource, to path: String, permission: Int = 0o644, overwrite: Bool = false
  ) async throws(StorageError) -> CreateOutcome {
    guard let upload = try await safeUpload(content, to: path, permission, overwrite) else { return .alreadyExists }
    return try await upload.run { (isDoubtful) throws(StorageError) in
      // The temporary file has made it, unless somebody removed it.
      if isDoubtful { try await makeParent(of: path) }
    }
  }

  /// An upload beside its target; `nil` when the name is taken.
  func safeUpload(
    _ content: any UploadSource, to path: String, _ permission: Int, _ overwrite: Bool
  ) async throws(StorageError) -> SafeUpload? {
    let (target, standing) = try await storage { () throws(WebHDFSError) in
      let target = try HDFSPath(path, for: .create)
      return (target, try await statusIfPresent(target.text))
    }
    if let standing {
      if standing.isDirectory { throw StorageError(.wrongKind, path: path, message: "a directory holds the name") }
      if !overwrite { return nil }
    }
    let directory = target.parent
    return SafeUpload(
      client: self, content: content, temporaryPrefix: directory == "/" ? "/." : "\(directory)/.",
      target: target.text, filePermission: permission, overwrite: overwrite)
  }

  func makeParent(of path: String) async throws(StorageError) {
    try await storage { () throws(WebHDFSError) in
      try await makeDirectories(try HDFSPath(path, for: .mkdirs).parent)
    }
  }

  /// Reads a whole file in order, in portions of which one is fetched ahead.
  ///
  /// - Parameters:
  ///   - portion: Bytes of a portion, which is also about half the memory used.
  ///   - body: Takes the portions.
  /// - Returns: How many bytes were read: the length that the file had in the beginning.
  @discardableResult
  public func download(
    _ path: String, portion: Int = 16 << 20, _ body: ([UInt8]) async throws -> Void
  ) async throws -> Int64 {
    let status = try await status(path)
    if status.isDirectory {
      throw WebHDFSError(.isADirectory, operation: "OPEN", path: path, message: "a directory, not a file")
    }
    @Sendable func fetch(_ offset: Int64) async throws(WebHDFSError) -> [UInt8] {
      try await read(path, offset: offset, length: Int(min(Int64(portion), status.length - offset)))
    }
    guard status.length > 0 else { return 0 }
    var bytes = try await fetch(0)
    var offset = Int64(bytes.count)
    while offset < status.length {
      let start = offset
      async let next = fetch(start)
      try await body(bytes)
      bytes = try await next
      offset += Int64(bytes.count)
    }
    try await body(bytes)
    return offset
  }

  /// Runs a call that changes nothing, or that may be repeated, and translates its errors.
  private func storage<T>(_ body: () async throws(WebHDFSError) -> T) async throws(StorageError) -> T {
    do throws(WebHDFSError) {
      return try await body()
    } catch {
      throw StorageError(error, isChange: false)
    }
  }
}
