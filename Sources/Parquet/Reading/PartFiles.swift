public import Storage

/// The files beside a summary file (`_metadata`) in which its column chunks lie; each is opened when first needed.
actor PartFiles {
  private let open: @Sendable (String) async throws(StorageError) -> any RandomAccess
  private var opened: [String: any RandomAccess] = [:]

  /// Files that are kept open.
  private static let mostOpen = 64

  /// - Parameter open: opens a file by its path relative to the summary file.
  init(_ open: @escaping @Sendable (String) async throws(StorageError) -> any RandomAccess) {
    self.open = open
  }

  /// The file of a path as a chunk names it.
  ///
  /// - Throws: for a path that leads out of the summary file's directory, which a file must not make us follow.
  func file(_ path: String) async throws(ParquetError) -> any RandomAccess {
    guard Self.isInside(path) else {
      throw ParquetError(.outOfSpec, "a column chunk in a file outside the directory of the summary file")
    }
    if let known = opened[path] { return known }
    let file: any RandomAccess
    do throws(StorageError) {
      file = try await open(path)
    } catch {
      throw ParquetError(error)
    }
    if opened.count >= Self.mostOpen { opened = [:] }
    opened[path] = file
    return file
  }

  /// Whether a path is relative and stays below its start.
  static func isInside(_ path: String) -> Bool {
    !path.isEmpty && path.utf8.count <= 4_096 && !path.utf8.contains(0) && !path.contains("\\")
      && path.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { !["", ".", ".."].contains($0) }
  }
}

extension ParquetFile {
  /// Opens a file of a store by its path.
  ///
  /// Column chunks that lie in other files, as those of the summary file `_metadata` do, are found by their paths
  /// relative to this one.
  ///
  /// - Throws: ``ParquetError``.
  public static func open(
    _ path: String, in store: any FileStore, limits: ReaderLimits = .init()
  ) async throws(ParquetError) -> ParquetFile {
    let source: any RandomAccess
    do throws(StorageError) {
      source = try await store.open(path)
    } catch {
      throw ParquetError(error)
    }
    let directory = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    let file = try await open(source, limits: limits)
    let parts = PartFiles { part throws(StorageError) in try await store.open(directory + part) }
    return ParquetFile(metadata: file.metadata, source: file.source, limits: file.limits, parts: parts)
  }

  /// Where the bytes of a column chunk come from.
  func source(of chunk: ColumnChunkMetadata) async throws(ParquetError) -> any RandomAccess {
    // Some writers name the file itself.
    guard let path = chunk.filePath, name != path, !name.hasSuffix("/\(path)") else { return source }
    guard let parts else {
      throw ParquetError(.notSupported, "a column chunk in another file, unless opened by its path in a store")
    }
    return try await parts.file(path)
  }
}
