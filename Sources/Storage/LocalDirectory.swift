import Glibc

/// Making and syncing of local directories.
enum LocalDirectory {
  /// Makes a directory and its parents, each entry synced to disk; one that exists is left as it is.
  static func make(_ path: String, mode: mode_t) throws(StorageError) {
    if path.isEmpty || path == "/" { return }
    if unsafe mkdir(path, mode) == 0 { return try sync(parent(of: path)) }
    switch errno {
    case EEXIST:
      var information = stat()
      guard unsafe stat(path, &information) == 0 else {
        throw StorageError.posix(errno, path: path, doing: "make the directory")
      }
      guard information.st_mode & S_IFMT == S_IFDIR else {
        throw StorageError(.wrongKind, path: path, message: "a file stands where a directory is needed")
      }
    case ENOENT:
      try make(parent(of: path), mode: mode)
      // Somebody else may have made it meanwhile, so the second try may find it.
      guard unsafe mkdir(path, mode) == 0 || errno == EEXIST else {
        throw StorageError.posix(errno, path: path, doing: "make the directory")
      }
      try sync(parent(of: path))
    default:
      throw StorageError.posix(errno, path: path, doing: "make the directory")
    }
  }

  /// Writes a directory's entries to disk.
  static func sync(_ path: String) throws(StorageError) {
    let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw StorageError.posix(errno, path: path, doing: "open the directory") }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw StorageError.posix(errno, path: path, doing: "sync the directory") }
  }

  private static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}

/// The names in a local directory.
enum DirectoryListing {
  /// The names, unsorted; empty when the directory is missing. Names that are not UTF-8 cannot be addressed and are
  /// left out.
  static func names(_ path: String) throws(StorageError) -> [String] {
    guard let directory = unsafe opendir(path) else {
      if errno == ENOENT { return [] }
      throw StorageError.posix(errno, path: path, doing: "list")
    }
    defer { unsafe closedir(directory) }
    var names: [String] = []
    while true {
      errno = 0
      guard let entry = unsafe readdir(directory) else { break }
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { (pointer) in
        unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(validatingCString: $0) }
      }
      if let name, name != ".", name != ".." { names.append(name) }
    }
    guard errno == 0 else { throw StorageError.posix(errno, path: path, doing: "list") }
    return names
  }
}

/// Removing of local files and trees.
enum LocalRemoval {
  /// Removes a file, or a directory with all it holds; a missing path is no error. Symbolic links are not followed.
  static func remove(_ path: String) throws(StorageError) {
    if unsafe unlink(path) == 0 || errno == ENOENT || errno == ENOTDIR { return }
    guard errno == EISDIR || errno == EPERM else { throw StorageError.posix(errno, path: path, doing: "remove") }
    for name in try DirectoryListing.names(path) { try remove("\(path)/\(name)") }
    guard unsafe rmdir(path) == 0 || errno == ENOENT else {
      throw StorageError.posix(errno, path: path, doing: "remove the directory")
    }
  }
}
