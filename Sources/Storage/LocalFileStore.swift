import Glibc
import Synchronization

/// A ``FileStore`` in a directory of a local file system.
///
/// A file is written under a temporary name, synced, and then linked to its final name with `link(2)`, which fails when
/// the name is taken: of several racing writers exactly one wins, and readers never see part of a file. Temporary
/// files lie in `_landing/<host name>/` below the root and are locked with `flock` while their writer lives.
public final class LocalFileStore: FileStore {
  public let root: String
  /// Whether files and directories made here are for the owner alone (modes 0600 and 0700).
  public let isPrivate: Bool
  /// The directory of temporary files, relative to the root.
  let landing = StorePath.join("_landing", LocalFileStore.hostName)
  private let syncs = DirectorySyncs()

  /// Takes a directory as root; it is made by the first ``create(_:_:)`` when it is missing.
  public init(root: String, isPrivate: Bool = false) {
    self.root = root.count > 1 && root.hasSuffix("/") ? String(root.dropLast()) : root
    self.isPrivate = isPrivate
  }

  public func list(_ directory: String) async throws(StorageError) -> [FileStatus] {
    try StorePath.check(directory, allowRoot: true)
    return try await offPool { [self] () throws(StorageError) in
      var entries: [FileStatus] = []
      for name in try DirectoryListing.names(absolute(directory)).sorted(by: StorePath.precedes) {
        // A name that vanished since the listing is left out.
        if let entry = try statusNow(StorePath.join(directory, name)) { entries.append(entry) }
      }
      return entries
    }
  }

  public func status(_ path: String) async throws(StorageError) -> FileStatus? {
    try StorePath.check(path, allowRoot: true)
    return try statusNow(path)
  }

  public func read(_ path: String, limit: Int) async throws(StorageError) -> [UInt8] {
    try StorePath.check(path)
    return try await offPool { [self] () throws(StorageError) in
      let file = try LocalFile(path: absolute(path))
      guard file.size <= limit else {
        throw StorageError(.failed, path: absolute(path), message: "the file is longer than \(limit) bytes")
      }
      return try file.readNow(0..<file.size)
    }
  }

  public func open(_ path: String) async throws(StorageError) -> any RandomAccess {
    try StorePath.check(path)
    return try LocalFile(path: absolute(path))
  }

  public func create(_ path: String, _ content: [UInt8]) async throws(StorageError) -> CreateOutcome {
    try StorePath.check(path)
    return try await create(path) { (file) throws(StorageError) in try file.write(content) }
  }

  public func create(_ path: String, _ content: ScratchFile) async throws(StorageError) -> CreateOutcome {
    try StorePath.check(path)
    return try await create(path) { (file) throws(StorageError) in try file.write(content) }
  }

  private func create(
    _ path: String, writing: @escaping @Sendable (borrowing TemporaryFile) throws(StorageError) -> Void
  ) async throws(StorageError) -> CreateOutcome {
    let outcome = try await offPool { [self] () throws(StorageError) in try createNow(path, writing) }
    if outcome == .created { try await syncs.sync(absolute(StorePath.parent(of: path))) }
    return outcome
  }

  public func replace(_ path: String, _ content: [UInt8]) async throws(StorageError) {
    try StorePath.check(path)
    try await offPool { [self] () throws(StorageError) in try replaceNow(path, content) }
  }

  public func delete(_ path: String) async throws(StorageError) {
    try StorePath.check(path)
    try await offPool { [self] () throws(StorageError) in try LocalRemoval.remove(absolute(path)) }
  }

  /// Removes temporary files of this host that no living process holds locked, whatever their age.
  @discardableResult
  public func removeAbandonedTemporaries(olderThan age: Duration) async throws(StorageError) -> Int {
    try await offPool { [self] () throws(StorageError) in
      var removed = 0
      for name in try DirectoryListing.names(absolute(landing)) where name.hasSuffix(".tmp") {
        if TemporaryFile.removeIfAbandoned(absolute(StorePath.join(landing, name))) { removed += 1 }
      }
      return removed
    }
  }

  /// A path of the store as the system knows it.
  func absolute(_ path: String) -> String {
    if path.isEmpty { return root }
    return root == "/" ? "/\(path)" : "\(root)/\(path)"
  }

  private func statusNow(_ path: String) throws(StorageError) -> FileStatus? {
    var information = stat()
    guard unsafe stat(absolute(path), &information) == 0 else {
      if errno == ENOENT || errno == ENOTDIR { return nil }
      throw StorageError.posix(errno, path: absolute(path), doing: "stat")
    }
    let isDirectory = information.st_mode & S_IFMT == S_IFDIR
    let time = Int64(information.st_mtim.tv_sec) * 1_000 + Int64(information.st_mtim.tv_nsec) / 1_000_000
    return FileStatus(
      path: path, size: isDirectory ? 0 : Int64(information.st_size), isDirectory: isDirectory, modificationTime: time)
  }

  /// Writes the file and gives it its name, which is not synced yet.
  private func createNow(
    _ path: String, _ writing: (borrowing TemporaryFile) throws(StorageError) -> Void
  ) throws(StorageError) -> CreateOutcome {
    if try statusNow(path) != nil { return .alreadyExists }
    let temporary = try temporaryFile(for: path)
    defer { temporary.discard() }
    try writing(temporary)
    guard unsafe link(temporary.path, absolute(path)) == 0 else {
      if errno == EEXIST { return .alreadyExists }
      throw StorageError.posix(errno, path: absolute(path), doing: "link")
    }
    return .created
  }

  private func replaceNow(_ path: String, _ content: [UInt8]) throws(StorageError) {
    let temporary = try temporaryFile(for: path)
    do throws(StorageError) {
      try temporary.write(content)
      guard unsafe rename(temporary.path, absolute(path)) == 0 else {
        throw StorageError.posix(errno, path: absolute(path), doing: "rename")
      }
    } catch {
      temporary.discard()
      throw error
    }
    try LocalDirectory.sync(absolute(StorePath.parent(of: path)))
  }

  /// A temporary file for the content of a path, whose directory is made as well.
  private func temporaryFile(for path: String) throws(StorageError) -> TemporaryFile {
    try LocalDirectory.make(absolute(landing), mode: directoryMode)
    try LocalDirectory.make(absolute(StorePath.parent(of: path)), mode: directoryMode)
    return try TemporaryFile(
      path: absolute(StorePath.join(landing, TemporaryFile.uniqueName())), mode: isPrivate ? 0o600 : 0o666)
  }

  private var directoryMode: mode_t { isPrivate ? 0o700 : 0o777 }

  /// This host's name, cut to what is harmless in a path of any store: letters, digits, dash and underscore.
  public static let hostName: String = {
    var buffer = [CChar](repeating: 0, count: 256)
    guard unsafe gethostname(&buffer, buffer.count - 1) == 0 else { return "host" }
    let bytes = buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    let allowed = bytes.filter { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
        true
      default: false
      }
    }
    return allowed.isEmpty ? "host" : String(decoding: allowed, as: UTF8.self)
  }()
}
