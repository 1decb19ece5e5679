import Synchronization

/// A ``FileStore`` in memory that can be told to fail, for the tests of the floors above.
public final class MemoryFileStore: FileStore {
  public let root: String
  private let state = Mutex(State())

  /// Makes an empty store; `root` is only a name for messages.
  public init(root: String = "memory:") {
    self.root = root
  }

  public func list(_ directory: String) async throws(StorageError) -> [FileStatus] {
    try StorePath.check(directory, allowRoot: true)
    return try enter(.list, directory) { (state) throws(StorageError) in
      if state.files[Key(directory)] != nil {
        throw StorageError(.wrongKind, path: directory, message: "not a directory")
      }
      return state.children(of: directory)
    }
  }

  public func status(_ path: String) async throws(StorageError) -> FileStatus? {
    try StorePath.check(path, allowRoot: true)
    return try enter(.status, path) { (state) in state.status(path) }
  }

  public func read(_ path: String, limit: Int) async throws(StorageError) -> [UInt8] {
    try StorePath.check(path)
    return try enter(.read, path) { (state) throws(StorageError) in
      let file = try state.file(path)
      guard file.content.count <= limit else {
        throw StorageError(.failed, path: path, message: "the file is longer than \(limit) bytes")
      }
      return file.content
    }
  }

  public func open(_ path: String) async throws(StorageError) -> any RandomAccess {
    try StorePath.check(path)
    return try enter(.open, path) { (state) throws(StorageError) in
      BytesSource(try state.file(path).content, name: "\(root)/\(path)")
    }
  }

  public func create(_ path: String, _ content: [UInt8]) async throws(StorageError) -> CreateOutcome {
    try StorePath.check(path)
    return try enter(.create, path) { (state) throws(StorageError) in try state.create(path, content) }
  }

  public func replace(_ path: String, _ content: [UInt8]) async throws(StorageError) {
    try StorePath.check(path)
    try enter(.replace, path) { (state) throws(StorageError) in try state.replace(path, content) }
  }

  public func delete(_ path: String) async throws(StorageError) {
    try StorePath.check(path)
    try enter(.delete, path) { (state) in state.delete(path) }
  }
}

// MARK: - Faults

extension MemoryFileStore {
  /// The calls of a store, to aim a fault at one of them.
  public enum Call: Hashable, Sendable {
    case list, status, read, open, create, replace, delete

    /// Whether the call changes what is stored.
    public var isChange: Bool { self == .create || self == .replace || self == .delete }
  }

  /// What an injected fault does.
  public enum Fault: Hashable, Sendable {
    /// The call fails with this code and changes nothing.
    case refuse(StorageError.Code)
    /// The call does its work, and then fails with this code: an answer that was lost on its way.
    case loseAnswer(StorageError.Code)
  }

  /// Makes the next `count` calls of a kind fail; with `path`, only those on a path that ends so.
  public func failNext(
    _ call: Call, _ fault: Fault = .refuse(.unavailable), count: Int = 1, pathSuffix: String = ""
  ) {
    state.withLock { $0.faults.append(PlannedFault(call: call, fault: fault, count: count, suffix: pathSuffix)) }
  }

  /// Lets so many more changes happen and fails every one after them, as if the caller died there; reading goes on.
  public func cutOff(afterChanges count: Int) {
    state.withLock { $0.changesLeft = count }
  }

  /// Forgets the faults that were planned and did not come yet.
  public func mend() {
    state.withLock {
      $0.faults = []
      $0.changesLeft = nil
    }
  }

  /// Whether every call fails with ``StorageError/Code/unavailable``, as a store does whose server is down.
  public var isUnavailable: Bool {
    get { state.withLock { $0.isUnavailable } }
    set { state.withLock { $0.isUnavailable = newValue } }
  }

  /// Sets the clock, in milliseconds since 1970, that stamps new files; it never moves by itself.
  public func setTime(_ milliseconds: Int64) {
    state.withLock { $0.now = milliseconds }
  }

  /// How often each call was made, failed ones included.
  public var callCounts: [Call: Int] { state.withLock { $0.counts } }

  /// Runs one call under the lock, with the faults planned for it.
  private func enter<T>(
    _ call: Call, _ path: String, _ body: (inout State) throws(StorageError) -> T
  ) throws(StorageError) -> T {
    let result = state.withLock { (state) -> Result<T, StorageError> in
      state.counts[call, default: 0] += 1
      if state.isUnavailable {
        return .failure(StorageError(.unavailable, path: path, message: "the store does not answer"))
      }
      if call.isChange, let left = state.changesLeft {
        if left == 0 {
          return .failure(StorageError(.unavailable, path: path, message: "cut off before this change"))
        }
        state.changesLeft = left - 1
      }
      let fault = state.takeFault(call, path)
      if case .refuse(let code) = fault {
        return .failure(StorageError(code, path: path, message: "injected fault"))
      }
      do throws(StorageError) {
        let value = try body(&state)
        if case .loseAnswer(let code) = fault {
          return .failure(StorageError(code, path: path, message: "injected fault after the work was done"))
        }
        return .success(value)
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }
}

// MARK: - Content

/// A path compared by its bytes: two spellings of one accented letter are two files.
private struct Key: Hashable {
  var bytes: [UInt8]
  init(_ path: String) { bytes = Array(path.utf8) }
}

private struct StoredFile {
  var path: String
  var content: [UInt8]
  var modificationTime: Int64
}

private struct PlannedFault {
  var call: MemoryFileStore.Call
  var fault: MemoryFileStore.Fault
  var count: Int
  var suffix: String
}

private struct State {
  var files: [Key: StoredFile] = [:]
  /// Directories last as long as the store, like those of a file system; each with its time of creation.
  var directories: [Key: FileStatus] = [:]
  var faults: [PlannedFault] = []
  var counts: [MemoryFileStore.Call: Int] = [:]
  var isUnavailable = false
  /// Changes until all further ones fail; `nil` where they do not.
  var changesLeft: Int?
  var now: Int64 = 1_700_000_000_000

  mutating func takeFault(_ call: MemoryFileStore.Call, _ path: String) -> MemoryFileStore.Fault? {
    guard let index = faults.firstIndex(where: { $0.call == call && path.hasSuffix($0.suffix) }) else { return nil }
    let fault = faults[index].fault
    faults[index].count -= 1
    if faults[index].count <= 0 { faults.remove(at: index) }
    return fault
  }

  func status(_ path: String) -> FileStatus? {
    if path.isEmpty { return FileStatus(path: "", size: 0, isDirectory: true, modificationTime: now) }
    if let file = files[Key(path)] { return file.status }
    return directories[Key(path)]
  }

  func file(_ path: String) throws(StorageError) -> StoredFile {
    if let file = files[Key(path)] { return file }
    if directories[Key(path)] != nil { throw StorageError(.wrongKind, path: path, message: "a directory, not a file") }
    throw StorageError(.notFound, path: path, message: "no such file")
  }

  func children(of directory: String) -> [FileStatus] {
    (files.values.map(\.status) + directories.values)
      .filter { StorePath.parent(of: $0.path).utf8.elementsEqual(directory.utf8) }
      .sorted { StorePath.precedes($0.path, $1.path) }
  }

  mutating func create(_ path: String, _ content: [UInt8]) throws(StorageError) -> CreateOutcome {
    if status(path) != nil { return .alreadyExists }
    try put(path, content)
    return .created
  }

  mutating func replace(_ path: String, _ content: [UInt8]) throws(StorageError) {
    if path.isEmpty || directories[Key(path)] != nil {
      throw StorageError(.wrongKind, path: path, message: "a directory, not a file")
    }
    try put(path, content)
  }

  private mutating func put(_ path: String, _ content: [UInt8]) throws(StorageError) {
    var parents: [String] = []
    var parent = StorePath.parent(of: path)
    while !parent.isEmpty {
      if files[Key(parent)] != nil { throw StorageError(.wrongKind, path: parent, message: "not a directory") }
      parents.append(parent)
      parent = StorePath.parent(of: parent)
    }
    for parent in parents where directories[Key(parent)] == nil {
      directories[Key(parent)] = FileStatus(path: parent, size: 0, isDirectory: true, modificationTime: now)
    }
    files[Key(path)] = StoredFile(path: path, content: content, modificationTime: now)
  }

  mutating func delete(_ path: String) {
    let key = Key(path).bytes
    let below = key + [UInt8(ascii: "/")]
    files = files.filter { $0.key.bytes != key && !$0.key.bytes.starts(with: below) }
    directories = directories.filter { $0.key.bytes != key && !$0.key.bytes.starts(with: below) }
  }
}

extension StoredFile {
  var status: FileStatus {
    FileStatus(path: path, size: Int64(content.count), isDirectory: false, modificationTime: modificationTime)
  }
}
