import WebHDFS

extension Location {
  /// The location beside this one whose name is longer by a suffix: `/data/vitals` and `/data/vitals_dead_letters`.
  ///
  /// - Throws: ``CommandError`` with ``ExitStatus/usage`` for standard input and for the root, which have no sibling.
  public func sibling(suffix: String) throws(CommandError) -> Location {
    func longer(_ path: String) throws(CommandError) -> String {
      let trimmed = String(path.reversed().drop { $0 == "/" }.reversed())
      guard !trimmed.isEmpty else { throw CommandError("\(self): a directory below the root is needed", exit: .usage) }
      return trimmed + suffix
    }
    switch self {
    case .standardStream: throw CommandError("-: a directory is needed here", exit: .usage)
    case .local(let path): return .local(path: try longer(path))
    case .hdfs(var url):
      url.path = try longer(url.path)
      return .hdfs(url)
    }
  }
}
