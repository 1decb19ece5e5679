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

  /// The location beside this one whose name lacks the suffix that this one's ends with; `nil` where it ends with none.
  public func sibling(withoutSuffix suffix: String) -> Location? {
    func shorter(_ path: String) -> String? {
      let trimmed = String(path.reversed().drop { $0 == "/" }.reversed())
      guard trimmed.hasSuffix(suffix), trimmed != suffix, !trimmed.hasSuffix("/" + suffix) else { return nil }
      return String(trimmed.dropLast(suffix.count))
    }
    switch self {
    case .standardStream: return nil
    case .local(let path): return shorter(path).map { .local(path: $0) }
    case .hdfs(var url):
      guard let path = shorter(url.path) else { return nil }
      url.path = path
      return .hdfs(url)
    }
  }
}
