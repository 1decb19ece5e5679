import FoundationEssentials

/// Files that a person names on the command line and that are small by nature: schemas, tokens, SQL.
public enum SmallFile {
  /// The most bytes that are read.
  static let limit = 16 << 20

  /// A whole file.
  ///
  /// - Throws: ``CommandError`` with ``ExitStatus/usage`` when it is missing, unreadable or no small file.
  public static func read(_ path: String) throws(CommandError) -> [UInt8] {
    let bytes: Data
    do {
      let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
      guard size <= limit else { throw CommandError("\(path): longer than \(limit) bytes", exit: .usage) }
      bytes = try Data(contentsOf: URL(filePath: path))
    } catch let error as CommandError {
      throw error
    } catch {
      throw CommandError("\(path): cannot be read – check the path and its permissions", exit: .usage)
    }
    return Array(bytes)
  }

  /// The lines of a file, blanks at their ends taken off, empty ones left out.
  ///
  /// - Throws: as ``read(_:)``.
  public static func lines(_ path: String) throws(CommandError) -> [String] {
    String(decoding: try read(path), as: UTF8.self).split(whereSeparator: \.isNewline)
      .map { CommandText.trimmed($0) }.filter { !$0.isEmpty }
  }
}
