#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#endif

/// What changes whenever another file, or another content, stands at a path.
package struct FileIdentity: Hashable, Sendable {
  private var numbers: [Int64]

  /// Looks at a path, through links; `nil` where nothing is.
  ///
  /// - Parameter isFolder: whether only which one it is counts, since files come and go in it.
  package init?(_ path: String, isFolder: Bool = false) {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { return nil }
    numbers = [Int64(status.st_dev), Int64(status.st_ino)]
    if isFolder { return }
    numbers += [Int64(status.st_size), Int64(status.st_mtim.tv_sec), Int64(status.st_mtim.tv_nsec)]
  }
}
