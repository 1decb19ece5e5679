import Glibc

/// A local file that is written piece by piece and has its name when it is whole: before that it lies beside it under
/// a name that begins with a point.
public final class NewLocalFile: Sendable {
  /// The name it is to have.
  public let path: String
  private let replaces: Bool
  private let file: TemporaryFile

  /// Begins a file in a directory that is there.
  ///
  /// - Parameter replaces: whether a file of this name may be there, to be replaced at the end.
  /// - Throws: ``StorageError`` with ``StorageError/Code/alreadyExists`` where the name is taken.
  public init(path: String, replaces: Bool) throws(StorageError) {
    self.path = path
    self.replaces = replaces
    var information = stat()
    if unsafe stat(path, &information) == 0 {
      if information.st_mode & S_IFMT == S_IFDIR {
        throw StorageError(.wrongKind, path: path, message: "a directory has this name")
      }
      if !replaces { throw Self.taken(path) }
    }
    let (directory, name) = Self.parts(path)
    guard !name.isEmpty else { throw StorageError(.invalidPath, path: path, message: "no name of a file") }
    file = try TemporaryFile(path: "\(directory)/.\(name).\(TemporaryFile.uniqueName())", mode: 0o666)
  }

  private static func parts(_ path: String) -> (directory: String, name: String) {
    guard let slash = path.lastIndex(of: "/") else { return (".", path) }
    let directory = String(path[..<slash])
    return (directory.isEmpty ? "/" : directory, String(path[path.index(after: slash)...]))
  }

  private static func taken(_ path: String) -> StorageError {
    StorageError(.alreadyExists, path: path, message: "there is a file of this name")
  }

  /// Adds bytes, which are on disk when it returns.
  public func write(_ bytes: [UInt8]) async throws(StorageError) {
    try await offPool { [self] () throws(StorageError) in try file.write(bytes) }
  }

  /// Gives the file its name, for good.
  ///
  /// - Throws: ``StorageError`` with ``StorageError/Code/alreadyExists`` where the name has been taken meanwhile; the
  ///   file is then still there, to be discarded.
  public func finish() async throws(StorageError) {
    try await offPool { [self] () throws(StorageError) in
      if replaces {
        guard unsafe rename(file.path, path) == 0 else {
          throw StorageError.posix(errno, path: path, doing: "rename")
        }
      } else {
        guard unsafe link(file.path, path) == 0 else {
          if errno == EEXIST { throw Self.taken(path) }
          throw StorageError.posix(errno, path: path, doing: "link")
        }
        file.discard()
      }
      try LocalDirectory.sync(Self.parts(path).directory)
    }
  }

  /// Removes what was written, without a trace.
  public func discard() {
    file.discard()
  }
}
