import ArgumentParser
import Foundation

/// The files that inputs are made from.
enum SeedFiles {
  /// Larger files would only make the inputs slower.
  private static let largest = 96 << 10

  /// All small files below the folders, sorted by path.
  static func load(_ folders: [String]) throws -> [[UInt8]] {
    var files: [[UInt8]] = []
    for folder in folders {
      let paths = try FileManager.default.subpathsOfDirectory(atPath: folder).sorted()
      for path in paths {
        let url = URL(fileURLWithPath: folder).appendingPathComponent(path)
        guard let size = try url.resourceValues(forKeys: [.fileSizeKey]).fileSize, size >= 12, size <= largest,
          let data = try? Data(contentsOf: url), data.suffix(4) == Data("PAR1".utf8)
        else { continue }
        files.append(Array(data))
      }
    }
    guard !files.isEmpty else { throw ValidationError("no Parquet files in \(folders.joined(separator: ", "))") }
    return files
  }

  /// Keeps an input.
  static func write(_ bytes: [UInt8], to path: String) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: path))
  }
}
