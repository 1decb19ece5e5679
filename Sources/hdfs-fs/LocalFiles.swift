import CommandSupport
import Glibc
import Storage
import WebHDFS

/// Small matters of local paths.
enum LocalPath {
  static func name(_ path: String) -> String { String(path.split(separator: "/").last ?? "") }

  static func join(_ directory: String, _ name: String) -> String {
    directory.hasSuffix("/") ? directory + name : "\(directory)/\(name)"
  }

  static func isDirectory(_ path: String) -> Bool {
    var information = stat()
    return unsafe stat(path, &information) == 0 && information.st_mode & S_IFMT == S_IFDIR
  }

  /// Standard input as content whose length is known: a file as it is, a pipe copied to a nameless temporary file.
  static func standardInput() throws -> FileUpload {
    var information = stat()
    if unsafe fstat(STDIN_FILENO, &information) == 0, information.st_mode & S_IFMT == S_IFREG {
      return try FileUpload(path: "/proc/self/fd/0")
    }
    let directory = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/tmp"
    var template = Array("\(directory)/hdfs-fs.\(String(repeating: "X", count: 6))".utf8CString)
    let descriptor = unsafe mkstemp(&template)
    guard descriptor >= 0 else { throw failure(directory, "cannot make a temporary file") }
    defer { close(descriptor) }
    _ = unsafe unlink(template)
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = unsafe Glibc.read(STDIN_FILENO, &buffer, buffer.count)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw failure("standard input", "cannot read") }
      if count == 0 { break }
      try writeAll(buffer[..<count], to: descriptor, path: directory)
    }
    return try FileUpload(path: "/proc/self/fd/\(descriptor)")
  }

  static func writeAll(_ bytes: ArraySlice<UInt8>, to descriptor: Int32, path: String) throws {
    var rest = bytes
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw failure(path, "cannot write") }
      rest = rest.dropFirst(count)
    }
  }

  static func failure(_ path: String, _ what: String) -> CommandError {
    CommandError("\(path): \(what): \(unsafe String(cString: strerror(errno)))")
  }
}
